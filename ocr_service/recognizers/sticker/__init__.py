"""Vial stickers: product, lot and expiry at any angle."""
