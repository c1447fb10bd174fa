"""Tables and figures of the page on other explanations."""
