"""Users and their secrets."""
