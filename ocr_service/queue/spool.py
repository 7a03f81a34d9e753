"""Celery's messages as files, for one machine without a broker.

Kombu's filesystem transport writes a message in place, so that a reader may see half of it and
the consumer stops with a decoding error. Here a message appears by a rename, whole or not at all.
"""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):  # type: ignore[misc]  # kombu has no types
    """A filesystem channel whose messages appear at once."""

    def _put(self, queue: str, payload: dict[str, Any], **_kwargs: Any) -> None:
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        target = os.path.join(self.data_folder_out, name)  # noqa: PTH118 - kombu gives a str
        part = f"{target}.part"
        with open(part, "wb") as file:  # noqa: PTH123 - same
            file.write(dumps(payload).encode())
        os.replace(part, target)  # noqa: PTH105 - same


class Transport(filesystem.Transport):  # type: ignore[misc]  # kombu has no types
    """The transport that opens such channels."""

    Channel = Channel


__all__ = ["Channel", "Transport"]
