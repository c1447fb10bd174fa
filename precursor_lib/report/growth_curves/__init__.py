"""Figures and tables of the page on growth curves."""
