"""Claims and their lines."""
