"""The language of a plan: horizon, time axis, plan model, the protocol of a system, checks."""
