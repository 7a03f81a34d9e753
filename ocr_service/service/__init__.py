"""Use cases, one verb per function, split by module."""
