"""Claims, price tables and reconciliation over HTTP."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ocr_service.db.accounts.accounts import Role
from ocr_service.db.export import outbox
from ocr_service.service.export.delivering import deliver_due
from tests.service.billing_desk import read
from tests.web.api_world import API, World, world
from tests.web.billing_world import ISSUER

TABLE = """
schema = 1
key = "town"
title = "町の単価"
vaccine = "flu"
first_day = 2026-10-01
last_day = 2027-01-31
[[price]]
kind = "vaccination"
from = 2026-10-01
until = {until}
net = 3000
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation with an issuer that hands off into a folder."""
    (tmp_path / "drop").mkdir()
    (tmp_path / "billing.toml").write_text(ISSUER, "utf-8")
    with world(tmp_path, drop_dir=tmp_path / "drop") as found:
        yield found


def test_from_preview_to_papers(here: World) -> None:
    """What the preview says is what is issued; its bytes are those of the hash."""
    read(here.office, number=2)
    read(here.office, voucher_municipality_code="141003", consent_signature=False)
    token, client = here.token(Role.EXPORTER), here.client
    wish = {"month": "2021-10"}
    seen = client.post(f"{API}/claims/preview", json=wish, headers=token).json()
    assert (seen["sums"]["total"], seen["held_by_reason"]) == (4554, {"no_person_signature": 1})
    made = client.post(f"{API}/claims", json=wish, headers=token)
    assert (made.status_code, made.headers["Location"]) == (201, f"{API}/claims/1")
    assert client.get(f"{API}/claims/1/file", headers=token).status_code == 409
    issued = client.post(f"{API}/claims/1/issue", headers=token).json()
    assert (issued["state"], issued["sheets"][0]["sums"]) == ("issued", seen["sums"])
    data = client.get(f"{API}/claims/1/file", headers=token).content
    assert hashlib.sha256(data).hexdigest() == issued["sha256"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert json.loads(archive.read("manifest.json"))["sums"] == seen["sums"]
    pdf = client.get(f"{API}/claims/1/file?name=claim.pdf", headers=token)
    assert (pdf.content[:5], pdf.headers["content-type"]) == (b"%PDF-", "application/pdf")
    assert client.get(f"{API}/claims/1/file?name=x.pdf", headers=token).status_code == 404
    lines = client.get(f"{API}/claims/1/lines", headers=token).json()["lines"]
    assert [line["label"] for line in lines] == ["C000001-1", "C000001-2"]
    listed = client.get(f"{API}/claims?limit=1", headers=token).json()
    assert ([c["number"] for c in listed["claims"]], listed["next_before"]) == (["C000001"], None)


def test_returned_and_cancelled(here: World) -> None:
    """A returned line says why; a draft that is given up frees its documents."""
    read(here.office)
    token, client = here.token(Role.EXPORTER), here.client
    client.post(f"{API}/claims", json={"month": "2021-10"}, headers=token)
    assert client.post(f"{API}/claims/1/cancel", headers=token).json()["state"] == "cancelled"
    client.post(f"{API}/claims", json={"month": "2021-10"}, headers=token)
    client.post(f"{API}/claims/2/issue", headers=token)
    back = client.post(
        f"{API}/claims/2/lines/1/return", json={"reason": "氏名の相違"}, headers=token
    ).json()
    assert back["returned_reason"] == "氏名の相違"
    again = client.post(f"{API}/claims", json={"month": "2021-11"}, headers=token).json()
    assert (again["id"], again["forms"]) == (3, 1)
    lines = client.get(f"{API}/claims/3/lines", headers=token).json()["lines"]
    assert (lines[0]["role"], lines[0]["original"]) == ("reentry", "C000002-1")


def test_an_issued_claim_is_handed_off(here: World) -> None:
    """The message is there with the claim; only a message that was given up is tried anew."""
    read(here.office)
    token, client = here.token(), here.client
    client.post(f"{API}/claims", json={"month": "2021-10"}, headers=token)
    client.post(f"{API}/claims/1/issue", headers=token)
    (message,) = client.get(f"{API}/handoff", headers=token).json()["messages"]
    assert (message["event"], message["target"], message["state"]) == (
        "claim:1",
        "folder",
        "waiting",
    )
    assert client.post(f"{API}/handoff/1/retry", headers=token).status_code == 409
    with here.services.db.writing() as uow:
        outbox.set_failed(uow, 1, error="x", again=None)
    again = client.post(f"{API}/handoff/1/retry", headers=token).json()
    assert again["messages"][0]["attempts"] == 0
    assert deliver_due(here.services.db, here.services.blobs, here.services.handoff) == 1


def test_nothing_to_bill_says_why(here: World) -> None:
    """An export of no records is refused with the reasons, not made empty."""
    read(here.office, doctor_signature=False)
    token = here.token(Role.EXPORTER)
    refused = here.client.post(f"{API}/claims", json={"month": "2021-10"}, headers=token)
    assert refused.status_code == 409
    assert "no_doctor_signature 1" in refused.json()["detail"]


def test_price_tables_are_added_unless_they_have_gaps(here: World) -> None:
    """By an administrator; the gap is named with its days."""
    admin, client = here.token(Role.ADMIN), here.client
    gap = {"toml": TABLE.format(until="2026-12-31")}
    refused = client.post(f"{API}/price-tables", json=gap, headers=admin)
    assert refused.status_code == 422
    assert "no price from 2027-01-01 to 2027-01-31" in refused.json()["detail"]
    whole = {"toml": TABLE.format(until="2027-01-31")}
    added = client.post(f"{API}/price-tables", json=whole, headers=admin)
    assert added.status_code == 201
    listed = client.get(f"{API}/price-tables", headers=admin).json()
    assert [t["key"] for t in listed["tables"]] == ["covid19-national", "rubella-example", "town"]
    exporter = here.token(Role.EXPORTER)
    assert client.post(f"{API}/price-tables", json=whole, headers=exporter).status_code == 403


def test_reconciliation_and_a_clinics_invoice(here: World) -> None:
    """As JSON and as a sheet of paper; a wrong invoice is named by its row."""
    read(here.office)
    token, client = here.token(Role.EXPORTER), here.client
    client.post(f"{API}/claims", json={"month": "2021-10"}, headers=token)
    client.post(f"{API}/claims/1/issue", headers=token)
    found = client.get(f"{API}/reconciliation?batch=1&claim=1", headers=token).json()
    assert found["balanced"]
    codes = [check["code"] for balance in found["balances"] for check in balance["checks"]]
    assert {"pages.received", "records.exported", "billing.records", "claim.papers"} <= set(codes)
    sheet = client.get(f"{API}/reconciliation.pdf?batch=1&claim=1", headers=token)
    assert sheet.content.startswith(b"%PDF-")
    assert client.get(f"{API}/reconciliation", headers=token).status_code == 422
    invoice = "券番号,接種日,金額\n9,2021-09-28,2277\n".encode("cp932")
    compared = client.post(
        f"{API}/claims/1/compare", files={"file": ("i.csv", invoice)}, headers=token
    ).json()
    assert compared["counts"] == {"matched": 0, "differs": 0, "missing": 1, "extra": 1}
    wrong = client.post(
        f"{API}/claims/1/compare", files={"file": ("i.csv", b"a,b\n1,2\n")}, headers=token
    )
    assert (wrong.status_code, "接種年月日" in wrong.json()["detail"]) == (422, True)


@pytest.mark.parametrize("role", [Role.SCANNER, Role.REVIEWER, Role.APPROVER])
def test_only_exporters_see_claims(here: World, role: Role) -> None:
    """Claims carry names and amounts."""
    client: TestClient = here.client
    for path in ("claims", "price-tables", "reconciliation?batch=1"):
        assert client.get(f"{API}/{path}", headers=here.token(role)).status_code == 403
