"""Figures, tables and values of the pages on Luding 2022 and Changning 2019."""
