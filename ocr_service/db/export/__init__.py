"""What left the house, and what others are still to be told."""
