"""Observations with a known truth, made from a seed."""
