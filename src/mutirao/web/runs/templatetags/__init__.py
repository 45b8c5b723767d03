"""How far a run is, in any page."""
