"""Plug-in point: readers of field crops."""
