"""Rows of masters and the imports that made them."""
