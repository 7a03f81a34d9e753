"""The work of reviewing: queue, drafts, effort."""
