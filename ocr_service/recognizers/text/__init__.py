"""Lines of text: ink, network, alphabet, decoder and context."""
