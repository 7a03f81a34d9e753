"""Form templates: the model, the library of templates, lint and the blank-form renderer."""
