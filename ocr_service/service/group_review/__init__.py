"""What was read alike, confirmed over many documents at one stroke."""
