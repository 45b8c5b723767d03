"""The one process that solves: it takes runs from the database and works on them outside Django."""
