"""Sends files to a service so that each arrives once, whatever breaks on the way."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from ocr_service.domain.errors import InvalidRequest, ServiceUnavailable

SCANS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf", ".zip"})
"""Endings that are sent out of a folder; a file that is named is sent whatever it is called."""

_PIECE_BYTES = 8 << 20
_TIMEOUT_S = 60.0
_TUS = {"Tus-Resumable": "1.0.0"}

Wait = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a service that does not answer is waited for.

    Attributes:
        tries: requests before giving up.
        first_s: pause after the first; doubles up to ``most_s``.
        most_s: longest pause.
        wait: does the waiting.
    """

    tries: int = 12
    first_s: float = 0.5
    most_s: float = 30.0
    wait: Wait = time.sleep


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file.

    Attributes:
        batch: the batch it is in; None where it was refused.
        duplicate: its bytes came before.
        reason: why it was refused.
    """

    batch: int | None
    duplicate: bool
    reason: str | None = None


class Sender:
    """Sends to one service with one token, again and again where it must."""

    def __init__(self, url: str, token: str, patience: Patience | None = None) -> None:
        self._http = httpx2.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_S,
        )
        self._patience = patience or Patience()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def open_batch(self, wanted: dict[str, Any], *, key: str) -> int:
        """A batch, the same one for the same key.

        Raises:
            InvalidRequest: the service does not want it.
            ServiceUnavailable: it does not answer.
        """
        headers = {"Idempotency-Key": key}
        answer = self._patiently("POST", "/batches", json=wanted, headers=headers)
        if answer.is_error:
            raise InvalidRequest(_reason(answer))
        return int(answer.json()["id"])

    def send(self, batch: int, path: Path, *, name: str | None = None) -> Outcome:
        """Send a file, in pieces if it is a large one.

        Args:
            batch: where it goes.
            path: the file.
            name: what it is to be called; default: as it is.

        Raises:
            ServiceUnavailable: the service does not answer, for longer than the patience lasts.
        """
        name = name or path.name
        if path.stat().st_size > _PIECE_BYTES:
            return self._send_in_pieces(batch, path, name)
        data = path.read_bytes()
        key = hashlib.sha256(f"{batch}:{name}:".encode() + data).hexdigest()
        answer = self._patiently(
            "PUT",
            f"/batches/{batch}/files/{quote(name, safe='')}",
            content=data,
            headers={"Idempotency-Key": key},
        )
        return _outcome(answer)

    def receipt(self, batch: int) -> dict[str, Any]:
        """The batch's receipt as it stands."""
        answer = self._patiently("GET", f"/batches/{batch}/receipt")
        if answer.is_error:
            raise InvalidRequest(_reason(answer))
        shown: dict[str, Any] = answer.json()
        return shown

    def _send_in_pieces(self, batch: int, path: Path, name: str) -> Outcome:
        length = path.stat().st_size
        told = {"batch": str(batch), "filename": name}
        pairs = [f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in told.items()]
        headers = {**_TUS, "Upload-Length": str(length), "Upload-Metadata": ",".join(pairs)}
        announced = self._patiently("POST", "/uploads", headers=headers)
        if announced.is_error:
            return _outcome(announced)
        place = announced.headers["location"].removeprefix("/api/v1")
        with path.open("rb") as file:
            while (at := self._offset(place)) < length:
                file.seek(at)
                refused = self._send_piece(place, at, file.read(_PIECE_BYTES))
                if refused is not None:
                    return refused
        return self._concluded(place)

    def _send_piece(self, place: str, at: int, piece: bytes) -> Outcome | None:
        digest = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        headers = {
            **_TUS,
            "Upload-Offset": str(at),
            "Upload-Checksum": f"sha256 {digest}",
            "Content-Type": "application/offset+octet-stream",
        }
        try:
            answer = self._http.patch(place, content=piece, headers=headers)
        except httpx2.TransportError:
            return None  # where to go on is asked for, with patience, before the next piece
        lost = answer.status_code in {HTTPStatus.CONFLICT, HTTPStatus.LOCKED, 460}
        return None if not answer.is_error or lost or _may_pass(answer) else _outcome(answer)

    def _offset(self, place: str) -> int:
        answer = self._patiently("HEAD", place, headers=_TUS)
        if answer.is_error:
            raise ServiceUnavailable("the service has lost the upload; send the file again")
        return int(answer.headers["upload-offset"])

    def _concluded(self, place: str) -> Outcome:
        shown = self._patiently("GET", place).json()
        if shown["receipt"] is None:
            problem = shown["problem"] or {"code": "error", "detail": "no receipt"}
            return Outcome(None, duplicate=False, reason=f"{problem['code']}: {problem['detail']}")
        return Outcome(shown["receipt"]["batch"], shown["receipt"]["duplicate"])

    def _patiently(self, method: str, path: str, **details: Any) -> httpx2.Response:
        for pause in _pauses(self._patience):
            try:
                answer = self._http.request(method, path, **details)
            except httpx2.TransportError:
                self._patience.wait(pause)
                continue
            if not _may_pass(answer):
                return answer
            told = answer.headers.get("retry-after", "")
            self._patience.wait(max(pause, float(told) if told.isdigit() else 0.0))
        raise ServiceUnavailable("the service does not answer; start the command again later")


def scans_in(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """The files meant by what a person named, with the names they are sent under.

    Raises:
        InvalidRequest: something named is not there.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SCANS and p.is_file())
            for found in inside:
                yield found, found.relative_to(path.parent).as_posix()
        elif path.is_file():
            yield path, path.name
        else:
            raise InvalidRequest(f"no such file: {path}")


def _pauses(patience: Patience) -> Iterator[float]:
    pause = patience.first_s
    for _ in range(patience.tries):
        yield pause
        pause = min(2 * pause, patience.most_s)


def _may_pass(answer: httpx2.Response) -> bool:
    return answer.status_code in {
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.GATEWAY_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }


def _outcome(answer: httpx2.Response) -> Outcome:
    if answer.is_error:
        return Outcome(None, duplicate=False, reason=_reason(answer))
    receipt = answer.json()
    return Outcome(receipt["batch"], receipt["duplicate"])


def _reason(answer: httpx2.Response) -> str:
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        told = answer.json()
        return f"{told['code']}: {told['detail']}"
    return f"the service answered {answer.status_code}"


__all__ = ["SCANS", "Outcome", "Patience", "Sender", "scans_in"]
