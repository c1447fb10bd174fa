"""Running notebooks, building the book, comparing runs."""
