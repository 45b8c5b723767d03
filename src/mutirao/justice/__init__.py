"""Household groups, indicators, measures of distribution."""
