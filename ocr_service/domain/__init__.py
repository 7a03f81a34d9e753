"""Frozen data and pure rules; imports nothing of the service but itself."""
