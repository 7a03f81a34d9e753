"""Engine, tables, unit of work and one query module per aggregate."""
