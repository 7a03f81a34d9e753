"""What requests of the review desk ask of the database, so that it cannot creep up unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.statements import counting
from tests.web.api_world import API, world

_TRANSACTIONS = 2
"""Who asks, and the work itself."""


def test_requests_of_a_reviewer_take_few_statements(tmp_path: Path) -> None:
    """On SQLite; a request that needs more says why here."""
    with world(tmp_path) as here:
        token = here.token()
        document = here.read_one(token)
        batch = here.client.get(f"{API}/documents/{document}", headers=token).json()["batch"]
        page = f"{API}/documents/{document}"
        get, post, put = here.client.get, here.client.post, here.client.put
        seen = get(page, headers=token).headers["etag"]
        told = {**token, "If-Match": seen}
        asked: dict[str, tuple[int, Callable[[], Any]]] = {
            "batch": (3, lambda: get(f"{API}/batches/{batch}", headers=token)),
            "document": (2, lambda: get(page, headers=token)),
            "record": (7, lambda: get(f"{page}/record", headers=token)),
            "next": (5, lambda: post(f"{API}/review/next", json={"batch": batch}, headers=token)),
            "answer": (
                20,
                lambda: put(f"{page}/fields/name", json={"value": "試験　太郎"}, headers=told),
            ),
            "approve": (18, lambda: post(f"{page}/approve", json={"reason": "t"}, headers=token)),
        }
        for name, (most, request) in asked.items():
            with counting(here.services.db.engine) as found:
                assert request().is_success, name
            assert len(found.statements) <= most, name
            assert found.transactions == _TRANSACTIONS, name
