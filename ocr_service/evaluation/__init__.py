"""Scores readings against truth."""
