"""Symbols and machine-readable lines of vouchers, read several ways and voted."""
