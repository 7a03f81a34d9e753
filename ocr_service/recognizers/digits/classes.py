"""What the digit network tells apart: ten digits, nothing written, something else."""

from __future__ import annotations

EMPTY = 10
"""Class of a cell nobody wrote in."""

REJECT = 11
"""Class of writing that is no single digit: signs, crossed-out digits, two in one cell."""

CLASSES = 12

__all__ = ["CLASSES", "EMPTY", "REJECT"]
