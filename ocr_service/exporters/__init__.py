"""Plug-in point: records to files."""
