"""How far a plan is, for pages of other apps."""
