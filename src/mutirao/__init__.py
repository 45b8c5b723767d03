"""Mutirão: from a city's own figures to the least-cost plan to carbon neutrality under rules that people set."""

__version__ = "0.1.0"
