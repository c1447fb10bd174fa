"""What the page on noise shows."""
