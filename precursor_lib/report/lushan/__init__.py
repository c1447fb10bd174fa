"""What the pages of the Lushan case show."""
