"""Users, tokens and the audit log on their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from ocr_service.db.accounts.accounts import Right, Role, user_named
from tests.web.pages_world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An installation."""
    return make_world(tmp_path)


@pytest.fixture
def browser(world: World) -> Iterator[TestClient]:
    """The administrator's browser."""
    with world.browser() as client:
        yield client


def _add(browser: TestClient, name: str, *roles: str) -> str:
    answer = browser.post("/admin/users", data={"name": name, "role": list(roles)})
    assert answer.status_code == 200
    return answer.url.path


def test_a_user_is_made_gets_a_link_and_works_with_his_roles(
    world: World, browser: TestClient
) -> None:
    """The link is on the answer to the form, not on the page afterwards."""
    path = _add(browser, "佐藤", "reviewer", "exporter")
    made = browser.post(f"{path}/link").text
    found = re.search(r"http://\S+(/login/[\w-]+)", made)
    assert found is not None
    assert found[1] not in browser.get(path).text
    with TestClient(world.app, headers={"Sec-Fetch-Site": "same-origin"}) as his:
        assert his.get(found[1]).url.path == "/account/password"
        assert his.get("/admin/users").status_code == 403
        assert 'id="upload"' not in his.get("/").text
    with world.services.db.reading() as uow:
        assert user_named(uow, "佐藤").roles == {Role.REVIEWER, Role.EXPORTER}


def test_what_makes_no_sense_is_refused_with_a_reason(browser: TestClient) -> None:
    """No roles, no name, the same name, the last administrator."""
    path = _add(browser, "a", "scanner")
    for data in ({"name": "b"}, {"name": " ", "role": "scanner"}):
        assert browser.post("/admin/users", data=data).status_code == 422
    assert browser.post("/admin/users", data={"name": "a", "role": "admin"}).status_code == 409
    assert browser.post("/admin/users/1/disable").status_code == 409
    assert browser.post("/admin/users/1/roles", data={"role": "scanner"}).status_code == 409
    assert browser.post(f"{path}/roles", data={"role": "boss"}).status_code == 404
    assert browser.get("/admin/users/99").status_code == 404


def test_a_token_is_bounded_shown_once_and_revoked(world: World, browser: TestClient) -> None:
    """Only rights of the user can be chosen, and one must be."""
    path = _add(browser, "robot", "scanner")
    assert 'value="admin"' not in browser.get(path).text.split('id="tokens-title"')[1]
    assert browser.post(f"{path}/tokens", data={"name": "hall"}).status_code == 422
    assert browser.post(f"{path}/tokens", data={"scope": "admin"}).status_code == 422
    assert browser.post(f"{path}/tokens", data={"scope": "intake", "days": "x"}).status_code == 422
    made = browser.post(f"{path}/tokens", data={"name": "hall", "scope": Right.INTAKE, "days": "9"})
    found = re.search(r'class="secret">([\w-]+)<', made.text)
    assert found is not None
    assert found[1] not in browser.get(path).text
    with TestClient(world.app) as robot:
        header = {"Authorization": f"Bearer {found[1]}"}
        assert robot.post("/api/v1/batches", json={}, headers=header).status_code == 201
        assert robot.get("/api/v1/documents", headers=header).status_code == 403
        browser.post(f"{path}/tokens/{_token_of(world)}/revoke")
        assert robot.get("/api/v1/batches", headers=header).status_code == 401


def _token_of(world: World) -> int:
    with world.services.db.engine.connect() as connection:
        query = sa.text("SELECT max(id) FROM tokens WHERE kind = 'api'")
        return int(connection.execute(query).scalar_one())


def test_lockout_roles_and_logout_are_done_and_audited(browser: TestClient) -> None:
    """Each with its word on the page and its row in the log."""
    path = _add(browser, "a", "scanner")
    for step, word in [("disable", "停止しました"), ("enable", "再開しました"),
                       ("sessions/end", "ログアウトさせました")]:  # fmt: skip
        assert word in browser.post(f"{path}/{step}").text
    assert "役割を変えました" in browser.post(f"{path}/roles", data={"role": "approver"}).text
    page = browser.get("/admin/audit?subject=user&number=2").text
    for action in ("user.created", "user.disabled", "user.enabled", "sessions.closed"):
        assert f"<code>{action}</code>" in page


def test_the_audit_page_filters_goes_back_and_verifies(world: World, browser: TestClient) -> None:
    """A changed row is found."""
    for number in range(101):
        _add(browser, f"u{number}", "scanner")
    page = browser.get("/admin/audit?action=user.").text
    assert page.count("<code>user.created</code>") == 100
    older = re.search(r'href="(/admin/audit\?before=[^"]+)"', page)
    assert older is not None
    assert "user.created" in browser.get(older[1].replace("&amp;", "&")).text
    assert "該当する記録はありません" in browser.get("/admin/audit?actor=nobody").text
    assert "欠けも書き換えもありません" in browser.get("/admin/audit?verify=true").text
    with world.services.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE audit SET actor = 'x' WHERE id = 2"))
    assert "連鎖が切れています" in browser.get("/admin/audit?verify=true").text
