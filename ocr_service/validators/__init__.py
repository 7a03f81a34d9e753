"""Plug-in point: rules over the values of a record."""
