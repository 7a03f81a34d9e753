"""Every route asks for a right; logins, their throttle and ended sessions over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.testclient import TestClient

from ocr_service.db.accounts import passwords
from ocr_service.db.accounts.accounts import CLERK, Role, user_named
from ocr_service.domain.throttle import FREE_FOR_ACCOUNT
from ocr_service.service.accounts import accounts
from ocr_service.service.accounts.passwords import hash_password
from ocr_service.web.security import Needs, current_user, safe_next
from tests.web.api_world import API, World, world

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/{secret}"),
    ("POST", f"{API}/session"),
}
"""Health and the ways in. Static files are mounted, not routed, and hold nothing of anybody."""

GOOD = "haru natsu aki fuyu"
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """An installation."""
    with world(tmp_path) as found:
        yield found


@pytest.fixture
def clerk(here: World) -> World:
    """An installation with a clerk who has a password."""
    with here.services.db.writing() as uow:
        accounts.create_user(uow, name="sato", roles=CLERK, actor="test")
        user = user_named(uow, "sato")
        passwords.keep_hash(uow, user.id, hash_password(GOOD))
    return here


def _routes(here: World) -> list[tuple[str, str, RouteContext]]:
    return [
        (method, route.path or "", route)
        for route in iter_route_contexts(here.client.app.routes)  # type: ignore[attr-defined]
        for method in sorted(route.methods or ())
    ]


def _needs(dependant: Dependant) -> set[object]:
    """The guards in the tree of what a route depends on."""
    guards = isinstance(dependant.call, Needs) or dependant.call is current_user
    own: set[object] = {dependant.call} if guards else set()
    return own.union(*(_needs(below) for below in dependant.dependencies))


def test_every_route_has_a_right_except_health_and_the_ways_in(here: World) -> None:
    """By the tree of what each route depends on, pages and API alike."""
    routes = _routes(here)
    open_ones = {
        (method, path)
        for method, path, route in routes
        if method != "HEAD" and not _needs(route.dependant)
    }
    assert open_ones == PUBLIC
    assert len(routes) > 40
    mounted = [r.path for r in iter_route_contexts(here.client.app.routes) if r.methods is None]  # type: ignore[attr-defined]
    assert mounted == ["/static"]


def test_a_token_without_scopes_opens_nothing_that_needs_a_right(here: World) -> None:
    """Asked for real, on every route: 403, and without a token 401 or the login."""
    token = here.token(scopes=frozenset())
    tried = 0
    for method, path, route in _routes(here):
        if (method, path) in PUBLIC or not _needs(route.dependant):
            continue
        filled = re.sub(r"\{[a-z_]+(:[a-z]+)?\}", "1", path)
        headers = {"Tus-Resumable": "1.0.0", **OWN}
        stranger = here.client.request(method, filled, headers=headers)
        at_login = stranger.status_code == 303 and "/login" in stranger.headers["location"]
        assert stranger.status_code == 401 or at_login, f"{method} {path}"
        if any(isinstance(need, Needs) for need in _needs(route.dependant)):
            answer = here.client.request(method, filled, headers={**headers, **token})
            assert answer.status_code == 403, f"{method} {path}"
            tried += 1
    assert tried > 20


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.SCANNER, {"POST batches"}),
        (Role.REVIEWER, {"GET documents", "POST review/next"}),
        (Role.APPROVER, {"GET documents"}),
        (Role.EXPORTER, {"GET documents", "POST exports"}),
    ],
)
def test_each_role_opens_its_own_doors(here: World, role: Role, allowed: set[str]) -> None:
    """And no other's."""
    token = here.token(role)
    doors = ["POST batches", "GET documents", "POST review/next", "POST exports", "GET audit"]
    opened = set()
    for door in doors:
        method, path = door.split()
        body = {"batch": 1, "profile": "csv"} if path == "exports" else {}
        answer = here.client.request(method, f"{API}/{path}", headers=token, json=body)
        if answer.status_code != 403:
            opened.add(door)
    assert opened == allowed


def _login(client: TestClient, password: str = GOOD, **more: str) -> int:
    answer = client.post("/login", data={"name": "sato", "password": password, **more}, headers=OWN)
    return answer.status_code


def test_name_and_password_open_the_page_that_was_asked_for(clerk: World) -> None:
    """The way back is a path of this service; the cookie is protected."""
    client = clerk.client
    sent = client.get("/batches/7?state=failed")
    assert sent.headers["location"] == "/login?next=%2Fbatches%2F7%3Fstate%3Dfailed"
    assert 'value="/batches/7?state=failed"' in client.get(sent.headers["location"]).text
    fields = {"name": "sato", "password": GOOD, "next": "/batches/7?state=failed"}
    answer = client.post("/login", data=fields, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/batches/7?state=failed")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:x", "",
     "/a\nb", "/login?next=/", "/logout", "/" + "x" * 600, "evil"],
)  # fmt: skip
def test_no_way_back_leads_elsewhere(wanted: str) -> None:
    """Nor in a circle."""
    assert safe_next(wanted) == "/"


def test_a_login_from_a_foreign_page_is_refused(clerk: World) -> None:
    """Nobody is logged in under another's name unawares."""
    data = {"name": "sato", "password": GOOD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {}):
        answer = clerk.client.post("/login", data=data, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_wrong_guesses_are_told_and_then_throttled_with_the_time_to_wait(clerk: World) -> None:
    """By page and by API; no guess is shown again."""
    for _ in range(FREE_FOR_ACCOUNT):
        answer = clerk.client.post(
            "/login", data={"name": "sato", "password": "wrong-guess"}, headers=OWN
        )
        assert answer.status_code == 401
        assert "wrong-guess" not in answer.text
    assert _login(clerk.client) == 429
    body = {"name": "sato", "password": GOOD}
    answer = clerk.client.post(f"{API}/session", json=body, headers=OWN)
    assert (answer.status_code, answer.json()["code"]) == (429, "login.throttled")
    assert int(answer.headers["retry-after"]) > 0


def test_an_ended_session_lets_a_page_log_in_again_and_go_on(clerk: World) -> None:
    """A fetch gets 401 ``session.expired``, a page the login with the way back."""
    client = clerk.client
    assert _login(client) == 303
    clerk.clock.advance(3601)
    for path in (f"{API}/documents", "/batches/1/progress"):
        answer = client.get(path, headers={"Sec-Fetch-Dest": "empty"})
        assert (answer.status_code, answer.json()["code"]) == (401, "session.expired")
    page = client.get("/batches/1", headers={"Sec-Fetch-Dest": "document"})
    assert page.headers["location"] == "/login?ended=1&next=%2Fbatches%2F1"
    body = {"name": "sato", "password": GOOD}
    again = client.post(f"{API}/session", json=body, headers=OWN)
    assert again.status_code == 200
    assert again.json()["name"] == "sato"
    assert client.get(f"{API}/documents").status_code == 200
    assert client.delete(f"{API}/session", headers=OWN).status_code == 204
    assert client.get(f"{API}/session").status_code == 401


def test_a_link_leads_to_the_first_password_and_then_to_the_work(here: World) -> None:
    """Without the old one; who has a password is not asked again."""
    client = here.client
    answer = client.get(here.login())
    assert answer.headers["location"] == "/account/password"
    assert 'name="old"' not in client.get("/account/password").text
    for new, again, word in [
        (GOOD, GOOD + "x", "一致しません"),
        ("short", "short", "短すぎ"),
        ("admin1234567", "admin1234567", "推測"),
    ]:
        refused = client.post("/account/password", data={"new": new, "again": again}, headers=OWN)
        assert refused.status_code == 422
        assert word in refused.text
        assert new not in refused.text
    done = client.post("/account/password", data={"new": GOOD, "again": GOOD}, headers=OWN)
    assert done.headers["location"] == "/account?changed"
    assert "この端末" in client.get("/account").text
    client.cookies.clear()
    assert client.get(here.login()).headers["location"] == "/"


def test_a_token_cannot_give_itself_a_password(here: World) -> None:
    """Scopes would be worth nothing."""
    data = {"new": GOOD, "again": GOOD}
    answer = here.client.post("/account/password", data=data, headers={**OWN, **here.token()})
    assert answer.status_code == 403


def test_one_session_or_all_can_be_ended(clerk: World) -> None:
    """From the account page."""
    client = clerk.client
    assert _login(client) == 303
    first = client.cookies["ocr_session"]
    client.cookies.clear()
    assert _login(client) == 303
    found = re.findall(r"/account/sessions/(\d+)/end", client.get("/account").text)
    assert len(found) == 1
    client.post(f"/account/sessions/{found[0]}/end", headers=OWN)
    second = client.cookies["ocr_session"]
    client.cookies.clear()
    client.cookies.set("ocr_session", first)
    assert client.get("/").status_code == 303
    client.cookies.clear()
    client.cookies.set("ocr_session", second)
    assert client.post("/account/sessions/end", headers=OWN).headers["location"] == "/login"
    client.cookies.set("ocr_session", second)
    assert client.get("/").status_code == 303
