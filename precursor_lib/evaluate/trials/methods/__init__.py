"""Methods of the papers and their rivals, as trials take them."""
