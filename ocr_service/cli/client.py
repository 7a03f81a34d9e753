"""A small client of the service's own API, for commands that go the whole way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from ocr_service.domain.errors import ServiceUnavailable

_TIMEOUT_S = 60.0
_POLL_S = 0.3
_OPEN_STATES = ("queued", "processing")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is.

    Attributes:
        done: documents that are read, or have failed.
        total: documents known so far.
        settled: nothing is left to do.
    """

    done: int
    total: int
    settled: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a file.

    Attributes:
        batch: the batch it is in; another than asked for, if its bytes came before.
        duplicate: its bytes came before, nothing was added.
    """

    batch: int
    duplicate: bool


class ServiceClient:
    """Talks to one service with one token."""

    def __init__(self, address: str, token: str) -> None:
        self._http = httpx2.Client(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_S,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def open_batch(self, name: str) -> int:
        """A new batch's id."""
        return int(self._json("POST", "/batches", json={"name": name})["id"])

    def send(self, batch: int, path: Path) -> Sent:
        """Send one file.

        Raises:
            ServiceUnavailable: the service refuses it; the message names its reason.
        """
        with path.open("rb") as stream:
            answer = self._request(
                "POST", f"/batches/{batch}/files", files={"file": (path.name, stream)}
            )
        receipt = answer.json()
        return Sent(int(receipt["batch"]), bool(receipt["duplicate"]))

    def progress(self, batch: int) -> Progress:
        """How far a batch is."""
        shown = self._json("GET", f"/batches/{batch}")
        counts: Mapping[str, int] = shown["counts"]
        total = sum(counts.values())
        open_count = sum(counts.get(state, 0) for state in _OPEN_STATES)
        return Progress(total - open_count, total, bool(shown["settled"]))

    def wait(
        self, batch: int, *, limit_s: float, told: Callable[[Progress], None] | None = None
    ) -> Progress:
        """Wait until a batch is settled.

        Raises:
            ServiceUnavailable: it is not within ``limit_s``.
        """
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            progress = self.progress(batch)
            if told is not None:
                told(progress)
            if progress.settled:
                return progress
            time.sleep(_POLL_S)
        raise ServiceUnavailable(f"batch {batch} is not ready after {limit_s:.0f} s")

    def documents(self, batch: int) -> Iterator[dict[str, Any]]:
        """All documents of a batch."""
        cursor: int | None = None
        while True:
            page = {} if cursor is None else {"cursor": cursor}
            found = self._json("GET", "/documents", params={"batch": batch, **page})
            yield from found["documents"]
            cursor = found["next_cursor"]
            if cursor is None:
                return

    def record(self, document: int) -> dict[str, Any]:
        """The record of a document."""
        return self._json("GET", f"/documents/{document}/record")

    def records_csv(self, batch: int, profile: str) -> bytes:
        """The records of a batch as they stand."""
        path = f"/batches/{batch}/records.csv"
        return bytes(self._request("GET", path, params={"profile": profile}).content)

    def _json(self, method: str, path: str, **details: Any) -> dict[str, Any]:
        shown: dict[str, Any] = self._request(method, path, **details).json()
        return shown

    def _request(self, method: str, path: str, **details: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **details)
        except httpx2.TransportError as error:
            raise ServiceUnavailable(f"the service does not answer: {error}") from error
        if answer.is_error:
            raise ServiceUnavailable(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer


__all__ = ["Progress", "Sent", "ServiceClient"]
