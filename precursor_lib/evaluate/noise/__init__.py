"""How often noise passes the criteria of the papers, and tests that keep their level."""
