"""Reads operators' lists: files become rows of a master, or problems with their line numbers."""
