"""Lists, letters and figures over many documents."""
