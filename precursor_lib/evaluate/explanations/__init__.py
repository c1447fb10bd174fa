"""Explanations other than an earthquake, each tested on records in which it is known to act."""
