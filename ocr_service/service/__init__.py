"""Use cases, one verb per function, grouped by what people do; modules here serve all groups."""
