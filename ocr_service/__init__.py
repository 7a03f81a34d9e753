"""Turns scanned paper forms into records people trust."""

__version__ = "0.1.0"
