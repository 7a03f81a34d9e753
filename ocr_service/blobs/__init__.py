"""Content-addressed store of scans and views."""
