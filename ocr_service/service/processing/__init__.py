"""Pages under a lease: read, read again, given up, and looked after by the sweep."""
