"""Samples of accepted fields and raised thresholds."""
