"""How a city works, one package each: physics as plain functions, decisions, an independent verification."""
