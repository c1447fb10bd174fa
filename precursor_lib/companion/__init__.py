"""Running notebooks, building the book, and saying what is stale.

Imported by the command line and the workflow alone; the library does not depend on it.
"""
