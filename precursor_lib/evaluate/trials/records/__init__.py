"""Kinds of data for trials, simulated and observed."""
