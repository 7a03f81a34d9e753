"""Nobody gets in without a right, and nothing written on a form gets out by a side door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from ocr_service.db.accounts.accounts import CLERK, Role
from ocr_service.logs import configure_logs
from tests.service.fakes import FIELDS
from tests.web.api_world import API, World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation."""
    with world(tmp_path) as found:
        yield found


def test_every_route_but_health_and_login_asks_who_is_there(here: World) -> None:
    """Found by walking the routes, so that a new one cannot be forgotten."""
    schema = here.client.get(f"{API}/openapi.json", headers=here.token()).json()
    asked = 0
    for path, methods in schema["paths"].items():
        if path in {"/healthz", "/readyz"}:
            continue
        filled = path.replace("{number}", "1").replace("{key}", "k")
        for name in ("batch", "document", "export"):
            filled = filled.replace(f"{{{name}}}", "1")
        for method in methods:
            if (method, path) == ("post", f"{API}/session"):  # the login itself
                continue
            answer = here.client.request(method, filled, headers={"Tus-Resumable": "1.0.0"})
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.headers["www-authenticate"] == "Bearer"
            asked += 1
    assert asked > 20


def test_roles_limit_what_a_token_may_do(here: World) -> None:
    """A scanner sends and asks; a clerk does not administrate."""
    scanner, clerk = here.token(Role.SCANNER), here.token(*CLERK)
    document = here.read_one(scanner)
    for path in (f"documents/{document}/record", "documents", f"documents/{document}/pages/1.png"):
        assert here.client.get(f"{API}/{path}", headers=scanner).status_code == 403
        assert here.client.get(f"{API}/{path}", headers=clerk).status_code == 200
    assert here.client.get(f"{API}/audit", headers=clerk).status_code == 403
    assert here.client.get(f"{API}/audit", headers=here.token(Role.ADMIN)).status_code == 200


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer", ""])
def test_wrong_credentials_are_refused(here: World, header: str) -> None:
    """Alike, whatever is wrong with them."""
    answer = here.client.get(f"{API}/batches", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "access.denied")


def test_a_login_link_works_once_and_gives_a_protected_cookie(here: World) -> None:
    """HttpOnly, SameSite=Lax; the second use is refused."""
    link = here.login()
    first = here.client.get(link)
    assert (first.status_code, first.headers["location"]) == (303, "/account/password")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert here.client.get(f"{API}/batches").status_code == 200
    here.client.cookies.clear()
    assert here.client.get(link).headers.get("set-cookie") is None
    assert here.client.get(f"{API}/batches").status_code == 401


def test_a_login_link_is_worth_nothing_after_a_quarter_of_an_hour(here: World) -> None:
    """The clock is the service's."""
    link = here.login()
    here.clock.advance(15 * 60 + 1)
    assert here.client.get(link).headers.get("set-cookie") is None


def test_a_session_ends_after_half_a_day_or_by_logging_out(here: World) -> None:
    """Either way the cookie opens nothing any more."""
    here.client.get(here.login())
    for _ in range(24):
        assert here.client.get(f"{API}/batches").status_code == 200
        here.clock.advance(1800 + 1)
    assert here.client.get(f"{API}/batches").status_code == 401
    here.client.get(here.login())
    kept = here.client.cookies["ocr_session"]
    out = here.client.post("/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert out.status_code == 303
    here.client.cookies.set("ocr_session", kept)
    assert here.client.get(f"{API}/batches").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver"}, 201),
        ({"Origin": "http://evil.example"}, 403),
        ({}, 403),
    ],
)
def test_a_foreign_page_cannot_use_a_session_to_change_anything(
    here: World, headers: dict[str, str], status: int
) -> None:
    """The browser tells where a request comes from."""
    here.client.get(here.login())
    answer = here.client.post(f"{API}/batches", json={}, headers=headers)
    assert answer.status_code == status


def test_answers_carry_protective_headers(here: World) -> None:
    """No framing, no foreign scripts, no caching of records, no address of ours to others."""
    headers = here.client.get("/healthz").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_a_full_run_logs_no_value_no_name_of_a_file_and_no_secret(here: World) -> None:
    """Everything that was read, sent or used to log in is searched for in the log."""
    log = StringIO()
    configure_logs(as_json=True, stream=log)
    token = here.token()
    link = here.login()
    here.client.get(link)
    here.client.cookies.clear()
    batch = here.client.post(f"{API}/batches", json={"name": "秘密の束"}, headers=token).json()[
        "id"
    ]
    sent = here.send(batch, b"\xff\xd8\xff 1", token, name="山本様.jpg").json()
    here.office.work_off()
    document = sent["documents"][0]

    def crash(_index: int) -> None:
        raise ValueError("試験　太郎")

    here.office.reader.before = crash
    here.client.post(f"{API}/documents/{document}/retry", headers=token)
    here.office.work_off()
    here.client.get(f"{API}/documents/{document}/record", headers=token)
    text = log.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"http.request", "job.started", "job.crashed"} <= {line["event"] for line in lines}
    values = [field.value for field in FIELDS if isinstance(field.value, str)]
    secrets = [link.rpartition("/")[2], token["Authorization"].partition(" ")[2]]
    for hidden in [*values, *secrets, "秘密の束", "山本"]:
        assert hidden not in text.encode().decode("unicode_escape")
        assert hidden not in text


def test_an_unexpected_error_is_a_problem_without_its_message(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller learns that something failed, the log where."""

    def crash(*_: object, **__: object) -> None:
        raise ValueError("試験　太郎")

    log = StringIO()
    configure_logs(as_json=True, stream=log)
    token = here.token()
    monkeypatch.setattr("ocr_service.service.querying.list_batches", crash)
    answer = here.client.get(f"{API}/batches", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "試験" not in answer.text + log.getvalue()
    assert "ValueError" in log.getvalue()


def test_health_needs_no_token_and_figures_do(here: World) -> None:
    """Alive, ready, and counts by state."""
    assert here.client.get("/healthz").text == "ok\n"
    assert here.client.get("/readyz").text == "ok\n"
    token = here.token()
    here.read_one(token)
    text = here.client.get("/metrics", headers=token).text
    assert 'ocr_documents{state="needs_review"} 1' in text
    assert 'ocr_jobs{state="done"} 2' in text
    assert 'ocr_stage_cpu_seconds_sum{stage="decode"} 0.500000' in text


def test_a_missing_store_or_schema_is_not_ready(here: World) -> None:
    """503, and the code that says so."""
    import sqlalchemy as sa  # noqa: PLC0415 - used here only

    with here.services.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    answer = here.client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
    assert answer.headers["retry-after"]
