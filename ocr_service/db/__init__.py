"""Durable state: tables, unit of work, one query module per aggregate, migrations."""
