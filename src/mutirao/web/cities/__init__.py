"""Cities and the versions of their figures."""
