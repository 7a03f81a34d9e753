"""Ticks, fillings and rings, and what was struck out."""
