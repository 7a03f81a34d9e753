"""Starts the reading processes of this machine: ``python -m workers``."""

from __future__ import annotations

import os
import sys

from workers.app import app, settings
from workers.heartbeat import beat
from workers.running import FOLLOW_PARENT, follow_parent, give_way, run_workers

if __name__ == "__main__":
    if FOLLOW_PARENT in sys.argv[1:]:
        follow_parent(os.getppid())
    give_way(settings.worker_niceness)
    if settings.heartbeat_file is not None:
        beat(settings.heartbeat_file)
    run_workers(app, settings.workers)
