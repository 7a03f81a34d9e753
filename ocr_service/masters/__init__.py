"""Look-ups in public lists: municipalities, postal addresses, institution codes, lots."""
