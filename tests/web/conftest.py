"""Patience for browsers on machines that do much else."""

from __future__ import annotations

from playwright.sync_api import expect

# What never comes true fails three times as late; what comes late is no fault.
expect.set_options(timeout=15_000)
