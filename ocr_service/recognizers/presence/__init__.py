"""Signatures and seals: there or not."""
