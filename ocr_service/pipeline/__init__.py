"""Pure stages from a page to a record, and the conductor that knows their order."""
