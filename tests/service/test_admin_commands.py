"""Users and tokens from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ocr_service.bootstrap import build_services
from ocr_service.cli import serve
from ocr_service.db.accounts.accounts import Right
from ocr_service.domain.errors import AccessDenied
from ocr_service.service.accounts import accounts
from ocr_service.settings import Settings


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The administrator's commands over a new installation."""
    monkeypatch.setenv("OCR_DATA_DIR", str(tmp_path))
    made = typer.Typer()
    serve.register(made)
    return made


def _say(app: typer.Typer, *words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_user_gets_a_token_that_works_until_it_is_revoked(app: typer.Typer) -> None:
    """The secret is printed once and not listed."""
    _say(app, "user", "add", "scanner-1", "--role", "scanner")
    secret = _say(app, "token", "create", "scanner-1", "--name", "hall").strip()
    services = build_services(Settings())
    with services.db.reading() as uow:
        assert accounts.who(uow, secret).name == "scanner-1"
    listed = _say(app, "token", "list")
    assert "hall" in listed
    assert secret not in listed
    _say(app, "token", "revoke", "1")
    with services.db.reading() as uow, pytest.raises(AccessDenied):
        accounts.who(uow, secret)
    services.close()


def test_a_locked_out_user_is_shown_and_let_in_again(app: typer.Typer) -> None:
    """The login link points at this installation."""
    _say(app, "user", "add", "clerk-1")
    assert "/login/" in _say(app, "user", "login", "clerk-1")
    _say(app, "user", "disable", "clerk-1")
    assert "yes" in _say(app, "user", "list")
    _say(app, "user", "disable", "clerk-1", "--undo")
    assert "yes" not in _say(app, "user", "list")


def test_a_sweep_by_hand_says_what_it_did(app: typer.Typer) -> None:
    """Nothing, in a new installation, but for the store's own check."""
    assert _say(app, "sweep", "--orphans") == ("rung 0, given up 0, freed 0\nremoved 0 orphans\n")


def test_roles_and_scopes_are_given_on_the_command_line(app: typer.Typer) -> None:
    """A user without a named role does everything but administration; a scope bounds a token."""
    _say(app, "user", "add", "sato")
    listed = _say(app, "user", "list")
    assert "approver exporter reviewer scanner" in " ".join(listed.split())
    _say(app, "user", "roles", "sato", "--role", "exporter")
    secret = _say(app, "token", "create", "sato", "--scope", "read").strip()
    services = build_services(Settings())
    with services.db.reading() as uow:
        assert accounts.who(uow, secret).rights == {Right.READ}
    services.close()
    refused = CliRunner().invoke(app, ["token", "create", "sato", "--scope", "admin"])
    assert refused.exit_code != 0
