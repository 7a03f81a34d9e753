"""Back-pressure: a full disk or a stopped database is a 503, with nothing half-written."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from tests.conftest import new_database
from tests.service.fakes import jpeg
from tests.web.api_world import API, World, world


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let root mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def _put(here: World, batch: int, data: bytes, token: dict[str, str]) -> Any:
    return here.client.put(f"{API}/batches/{batch}/files/a.jpg", content=data, headers=token)


def test_a_full_disk_is_503_and_leaves_nothing_behind(small_disk: Path, tmp_path: Path) -> None:
    """Room made, the same file is taken; the sender is told when to try again."""
    with world(tmp_path / "data", blob_url=str(small_disk)) as here:
        token = here.token()
        batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(3_000_000))
        data = jpeg() + bytes(2_000_000)
        refused = _put(here, batch, data, token)
        assert (refused.status_code, refused.json()["code"]) == (503, "service.unavailable")
        assert refused.headers["retry-after"]
        assert refused.headers["content-type"] == "application/problem+json"
        assert list((small_disk / "incoming").iterdir()) == []
        with here.services.db.reading() as uow:
            assert documents.page(uow, DocumentFilter()) == []
        ballast.unlink()
        assert _put(here, batch, data, token).status_code == 202


def test_a_full_disk_keeps_the_pieces_that_fitted(small_disk: Path) -> None:
    """The upload goes on where the disk was full."""
    with world(small_disk) as here:
        token = {**here.token(), "Tus-Resumable": "1.0.0"}
        batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
        data = jpeg() + bytes(1_500_000)
        metadata = f"batch {_base64(str(batch))},filename {_base64('a.jpg')}"
        told = {"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        place = here.client.post(f"{API}/uploads", headers={**token, **told}).headers["location"]
        ballast = small_disk / "ballast"
        free = os.statvfs(small_disk)
        ballast.write_bytes(bytes(free.f_bavail * free.f_bsize - 800_000))
        piece = {**token, "Content-Type": "application/offset+octet-stream"}
        sent = here.client.patch(place, content=data, headers={**piece, "Upload-Offset": "0"})
        assert sent.status_code == 503
        ballast.unlink()
        at = int(here.client.head(place, headers=token).headers["upload-offset"])
        assert 0 < at < len(data)
        more = {**piece, "Upload-Offset": str(at)}
        assert here.client.patch(place, content=data[at:], headers=more).status_code == 204


def _base64(text: str) -> str:
    import base64  # noqa: PLC0415 - only here

    return base64.b64encode(text.encode()).decode()


@pytest.mark.slow
def test_a_stopped_database_is_503_until_it_is_back(
    postgres_uri: Callable[[str], str], tmp_path: Path
) -> None:
    """Uploads and reads; the file that was refused is taken when it is sent again."""
    url = new_database(postgres_uri, "stopped")
    control = _pg_ctl(url)
    with world(tmp_path, database_url=url) as here:
        token = here.token()
        batch = here.client.post(f"{API}/batches", json={}, headers=token).json()["id"]
        control("stop", "-m", "fast")
        try:
            refused = _put(here, batch, jpeg(), token)
            listed = here.client.get(f"{API}/batches", headers=token)
        finally:
            control("start", "-l", "restarted.log")
        assert (refused.status_code, listed.status_code) == (503, 503)
        assert refused.headers["retry-after"]
        assert _put(here, batch, jpeg(), token).status_code == 202
        with here.services.db.reading() as uow:
            assert len(documents.page(uow, DocumentFilter())) == 1


def _pg_ctl(url: str) -> Callable[..., None]:
    """Control of the server behind ``url``, as the user it runs as."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    data = Path(row[0])
    pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    program = Path(f"/proc/{pid}/exe").readlink().with_name("pg_ctl")
    options = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")[1:]
    owner = data.stat()
    started_with = shlex.join(option.decode() for option in options[2:])

    def control(action: str, *more: str) -> None:
        command = [str(program), "-D", str(data), "-w", action, *more]
        if action == "start" and started_with:
            command += ["-o", started_with]
        subprocess.run(
            command,
            check=True,
            user=owner.st_uid,
            group=owner.st_gid,
            stdout=subprocess.DEVNULL,
            cwd=data,
        )

    return control
