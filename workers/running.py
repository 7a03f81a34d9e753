"""Runs reading processes until they are told to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings

from celery import Celery
from celery.platforms import SecurityWarning

FOLLOW_PARENT = "--follow-parent"

_LOOK_EVERY_S = 1.0
_GRACE_S = 10.0


def run_workers(app: Celery, processes: int) -> None:
    """Answer the doorbell until told to stop.

    SIGTERM ends after the pages in hand, SIGQUIT at once; either way nothing is lost.

    Args:
        app: the application.
        processes: how many pages are read at once.
    """
    # It warns of root because of pickled messages; ours are JSON and carry a number.
    warnings.simplefilter("ignore", SecurityWarning)
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={processes}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=WARNING",
        ]
    )


def give_way(niceness: int) -> None:
    """Let the web process and the database go first on a machine they share.

    A person waits for them, nobody for a page. Alone on its machine a worker is as fast as ever.

    Args:
        niceness: 0 to 19; Windows knows no such thing and leaves it.
    """
    if hasattr(os, "nice"):
        os.nice(niceness)


def follow_parent(parent: int) -> None:
    """End this process group once ``parent`` is gone, even if it was killed with SIGKILL.

    The process must lead its group, as the supervisor starts it.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_S)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_S)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


__all__ = ["FOLLOW_PARENT", "follow_parent", "give_way", "run_workers"]
