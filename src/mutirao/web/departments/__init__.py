"""Carrying a plan out: who owns which measure, and how far it is."""
