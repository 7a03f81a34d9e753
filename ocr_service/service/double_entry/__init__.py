"""Fields keyed blind by several people."""
