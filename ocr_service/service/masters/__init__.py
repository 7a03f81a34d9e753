"""Masters: imported in versions, undone, and matched with records."""
