"""Celery edge: one task that takes a lease and works it."""
