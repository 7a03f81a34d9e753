"""Blind samples of accepted fields, and what a broken promise leads to."""
