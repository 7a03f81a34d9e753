"""Chips and what people keyed for them."""
