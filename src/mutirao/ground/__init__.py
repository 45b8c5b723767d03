"""Units, tidy tables, sources, parameters: what every other room stands on; no domain knowledge here."""
