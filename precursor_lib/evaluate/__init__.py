"""How well a detection recovers a known truth, and what chance would give."""
