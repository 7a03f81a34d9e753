"""What one person does with one document: see it, answer, undo, approve, send it back."""
