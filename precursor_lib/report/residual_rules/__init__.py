"""Figures and tables of the page on residual rules."""
