"""Handwritten digits in printed cells."""
