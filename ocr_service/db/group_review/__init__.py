"""Cells and strokes of the group review."""
