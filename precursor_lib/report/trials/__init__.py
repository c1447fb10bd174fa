"""Parts of the pages on power and on the league of methods."""
