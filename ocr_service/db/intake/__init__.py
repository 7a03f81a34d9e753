"""Rows of what arrived: batches, files, uploads, pages."""
