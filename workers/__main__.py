"""Starts the reading processes of this machine: ``python -m workers``."""

from __future__ import annotations

import os
import sys

from workers.app import app, settings
from workers.running import FOLLOW_PARENT, follow_parent, run_workers

if __name__ == "__main__":
    if FOLLOW_PARENT in sys.argv[1:]:
        follow_parent(os.getppid())
    run_workers(app, settings.workers)
