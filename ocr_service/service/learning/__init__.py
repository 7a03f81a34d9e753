"""What people corrected, as truth to learn from."""
