"""Claims and the sheet that must balance."""
