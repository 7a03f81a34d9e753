"""Structured logs: constant event names, keys from an allow-list, ids only.

A key that is not on the list is dropped, so that no field value can reach a log by accident.
Exceptions are logged as type and place; their messages stay out, because a message may quote
what was being read.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "correlation",
        "method",
        "route",
        "status",
        "ms",
        "batch",
        "file",
        "document",
        "job",
        "kind",
        "attempt",
        "state",
        "code",
        "error",
        "where",
        "worker",
        "pid",
        "exit_code",
        "count",
        "rung",
        "buried",
        "lapsed",
        "export",
        "user",
        "template",
        "version",
        "address",
        "seconds",
    }
)
"""The only keys that reach a log line."""

_FRAMES_SHOWN = 6


def keep_allowed(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list."""
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS}


def describe_error(error: BaseException) -> dict[str, str]:
    """What of an exception may be logged: its type and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_SHOWN:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    return {"error": type(error).__name__, "where": " > ".join(places)}


def open_log(path: Path | None) -> TextIO | None:
    """The log file for appending, None where logs go to standard error.

    It stays open as long as the process; several processes may append whole lines to it.
    """
    return None if path is None else path.open("a", encoding="utf-8", buffering=1)


def configure_logs(*, as_json: bool | None = None, stream: TextIO | None = None) -> None:
    """Set structlog up for this process.

    Args:
        as_json: JSON lines; None means JSON unless ``stream`` is a terminal.
        stream: where lines go, standard error by default.
    """
    out = stream or sys.stderr
    use_json = not out.isatty() if as_json is None else as_json
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if use_json
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )


__all__ = ["ALLOWED_KEYS", "configure_logs", "describe_error", "keep_allowed", "open_log"]
