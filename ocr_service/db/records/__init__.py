"""Documents and everything that was said of their fields."""
