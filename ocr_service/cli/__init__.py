"""Command line edge: one module a command, put together in ``app``."""

from ocr_service.cli.app import main

__all__ = ["main"]
