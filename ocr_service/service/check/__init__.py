"""The rules of a template with what the installation knows of a record, and waivers."""
