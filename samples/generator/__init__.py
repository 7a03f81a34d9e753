"""Invents filled forms with exact truth: people, handwriting, stickers and scanner faults."""
