"""Observed data: opening, verifying and reading; every opened dataset says its origin."""
