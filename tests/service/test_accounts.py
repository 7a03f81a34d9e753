"""Passwords, links and sessions on both databases: what opens, what ends, what is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from ocr_service.db.accounts import accounts as rows
from ocr_service.db.accounts import passwords
from ocr_service.db.accounts import sessions as session_rows
from ocr_service.db.accounts.accounts import CLERK, Right, Role, User
from ocr_service.db.audit import page
from ocr_service.db.uow import Database
from ocr_service.domain.errors import (
    AccessDenied,
    Conflict,
    InvalidRequest,
    LoginRefused,
    LoginThrottled,
    SessionExpired,
)
from ocr_service.domain.passwords import WeakPassword
from ocr_service.domain.throttle import FREE_FOR_ACCOUNT, FREE_FOR_ADDRESS
from ocr_service.service.accounts import accounts, sessions
from ocr_service.service.accounts import passwords as hashing
from ocr_service.service.accounts.sessions import Attempt, Change, SessionTerms
from tests.conftest import TurnableClock

TERMS = SessionTerms(timedelta(hours=1), timedelta(hours=12))
GOOD = "haru natsu aki fuyu"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same code with a cheap hash: how slow it is, is checked once below."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(hashing, "HASHER", quick)
    hashing._nobodys.cache_clear()


@pytest.fixture
def user(db: Database) -> User:
    """A clerk with a password."""
    with db.writing() as uow:
        accounts.create_user(uow, name="佐藤", roles=CLERK, actor="test")
        found = rows.user_named(uow, "佐藤")
        passwords.keep_hash(uow, found.id, hashing.hash_password(GOOD))
    return found


def _try(db: Database, password: str, *, name: str = "佐藤", address: str = "10.0.0.1") -> str:
    return sessions.open_by_password(db, Attempt(name, password, address), TERMS).secret


def test_a_password_opens_a_session_and_so_does_its_wide_spelling(db: Database, user: User) -> None:
    """An input method left on is no reason to lock somebody out."""
    wide = GOOD.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000})
    for typed in (GOOD, wide):
        assert sessions.whose(db, _try(db, typed), TERMS) == user


def test_wrong_unknown_disabled_and_passwordless_are_refused_alike(
    db: Database, user: User
) -> None:
    """Nobody learns which names there are."""
    with db.writing() as uow:
        accounts.create_user(uow, name="no-password", roles=CLERK, actor="test")
    said = set()
    for name, typed in [("佐藤", "x" * 14), ("nobody", GOOD), ("no-password", GOOD)]:
        with pytest.raises(LoginRefused) as refused:
            _try(db, typed, name=name)
        said.add(str(refused.value))
    with db.writing() as uow:
        rows.set_disabled(uow, user.id, disabled=True)
    with pytest.raises(LoginRefused) as refused:
        _try(db, GOOD)
    assert said == {str(refused.value)}
    with db.reading() as uow:
        assert [r.entry.action for r in page(uow.connection)].count("login.refused") == 4


@pytest.mark.usefixtures("user")
def test_guesses_at_an_account_are_throttled_over_all_addresses(
    db: Database, clock: TurnableClock
) -> None:
    """Even the right password is not heard then; a link by an administrator forgives."""
    for number in range(FREE_FOR_ACCOUNT):
        with pytest.raises(LoginRefused):
            _try(db, "wrong password", address=f"10.0.0.{number}")
    with pytest.raises(LoginThrottled) as throttled:
        _try(db, GOOD, address="10.0.0.99")
    assert 0 < throttled.value.wait_s <= 15
    clock.advance(16)
    _try(db, GOOD)
    for _ in range(FREE_FOR_ACCOUNT):
        with pytest.raises(LoginRefused):
            _try(db, "wrong password")
    with db.writing() as uow:
        link = accounts.issue_login(uow, rows.user_named(uow, "佐藤"))
    with db.writing() as uow:
        sessions.open_by_link(uow, link, TERMS)
    _try(db, GOOD)


@pytest.mark.usefixtures("user")
def test_guesses_from_an_address_are_throttled_over_all_accounts(db: Database) -> None:
    """And another address is not."""
    for number in range(FREE_FOR_ADDRESS):
        with pytest.raises(LoginRefused):
            _try(db, "wrong password", name=f"n{number}")
    with pytest.raises(LoginThrottled):
        _try(db, GOOD)
    _try(db, GOOD, address="10.0.0.2")


@pytest.mark.usefixtures("user")
def test_people_who_log_in_rightly_use_up_nothing(db: Database) -> None:
    """Forty logins behind one address are forty people."""
    for _ in range(FREE_FOR_ADDRESS + 10):
        _try(db, GOOD)


def test_old_parameters_are_renewed_at_the_next_login(db: Database, user: User) -> None:
    """The password is known for a moment then, and at no other time."""
    old = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(GOOD)
    with db.writing() as uow:
        passwords.keep_hash(uow, user.id, old)
    _try(db, GOOD)
    with db.reading() as uow:
        kept = passwords.hash_of(uow, user.id)
    assert kept is not None
    assert "m=64," in kept
    _try(db, GOOD)


def test_sessions_end_by_idleness_by_age_and_by_people(
    db: Database, user: User, clock: TurnableClock
) -> None:
    """Polling keeps none alive, work does, and not beyond half a day."""
    idle, polled, used = (_try(db, GOOD) for _ in range(3))
    for _ in range(3):
        clock.advance(1300)
        sessions.whose(db, used, TERMS)
        _alive(db, polled, counts=False)
    assert [_alive(db, secret) for secret in (polled, idle, used)] == [False, False, True]
    alive = 0
    while _alive(db, used):
        clock.advance(1300)
        alive += 1
    assert alive == (12 * 3600 - 3 * 1300) // 1300 + 1
    first, second = _try(db, GOOD), _try(db, GOOD)
    with db.writing() as uow:
        sessions.close_all(uow, user, actor="佐藤", but=second)
    assert (_alive(db, first), _alive(db, second)) == (False, True)


def _alive(db: Database, secret: str, *, counts: bool = True) -> bool:
    try:
        sessions.whose(db, secret, TERMS, counts=counts)
    except SessionExpired:
        return False
    return True


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(
    db: Database, user: User, clock: TurnableClock
) -> None:
    """But whoever came by a link just now has forgotten it."""
    here, other = _try(db, GOOD), _try(db, GOOD)
    new = "mizu to hikari 2026"
    with pytest.raises(LoginRefused):
        sessions.change_password(db, user, Change("wrong", new, here, 12))
    with pytest.raises(WeakPassword):
        sessions.change_password(db, user, Change(GOOD, "short", here, 12))
    sessions.change_password(db, user, Change(GOOD, new, here, 12))
    assert (_alive(db, here), _alive(db, other)) == (True, False)
    _try(db, new)
    with db.writing() as uow:
        link = accounts.issue_login(uow, user)
        by_link = sessions.open_by_link(uow, link, TERMS).secret
    sessions.change_password(db, user, Change("", GOOD, by_link, 12))
    clock.advance(sessions.FRESH_LINK.total_seconds())
    with pytest.raises(LoginRefused):
        sessions.change_password(db, user, Change("", new, by_link, 12))


def test_a_token_carries_no_more_than_its_user_has_now(db: Database, user: User) -> None:
    """Scopes bound it; a role taken away is gone at once."""
    with db.writing() as uow:
        beyond = frozenset({Right.ADMIN})
        with pytest.raises(InvalidRequest):
            accounts.issue_token(uow, user, name="t", life=None, actor="a", scopes=beyond)
        scopes = frozenset({Right.READ, Right.EXPORT})
        token = accounts.issue_token(uow, user, name="t", life=None, actor="a", scopes=scopes)
    with db.writing() as uow:
        assert accounts.who(uow, token).rights == scopes
        accounts.change_roles(uow, user, (Role.REVIEWER,), actor="a")
    with db.reading() as uow:
        assert accounts.who(uow, token).rights == {Right.READ}


def test_the_last_administrator_stays(db: Database) -> None:
    """Neither locked out nor made a clerk, unless there is another."""
    with db.writing() as uow:
        boss = accounts.ensure_admin(uow)
        with pytest.raises(Conflict):
            accounts.change_roles(uow, boss, (Role.REVIEWER,), actor="a")
        with pytest.raises(Conflict):
            accounts.lock_out(uow, boss, actor="a")
        accounts.create_user(uow, name="second", roles=(Role.ADMIN,), actor="a")
        accounts.lock_out(uow, boss, actor="a")
        assert accounts.ensure_admin(uow).name == "second"


def test_a_lockout_ends_sessions_tokens_and_links_at_once(db: Database, user: User) -> None:
    """All of them."""
    session = _try(db, GOOD)
    with db.writing() as uow:
        link = accounts.issue_login(uow, user)
        token = accounts.issue_token(uow, user, name="t", life=None, actor="a")
        accounts.lock_out(uow, user, actor="a")
    assert not _alive(db, session)
    with db.writing() as uow, pytest.raises(AccessDenied):
        accounts.who(uow, token)
    with db.writing() as uow, pytest.raises(AccessDenied):
        sessions.open_by_link(uow, link, TERMS)


def test_lapsed_sessions_and_old_guesses_are_cleared_away(
    db: Database, user: User, clock: TurnableClock
) -> None:
    """After a month; tokens stay until they are revoked, and so does the password."""
    _try(db, GOOD)
    with pytest.raises(LoginRefused):
        _try(db, "wrong password")
    with db.writing() as uow:
        token = accounts.issue_token(uow, user, name="t", life=None, actor="a")
    clock.advance(31 * 86400)
    with db.writing() as uow:
        assert session_rows.forget_old(uow, before=uow.now - timedelta(days=30)) == 3
        assert accounts.who(uow, token) == user
    _try(db, GOOD)


def test_hashes_are_argon2id_as_rfc_9106_recommends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 4, second option: three passes over 64 MiB in four lanes."""
    monkeypatch.undo()
    made = hashing.hash_password(GOOD)
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hashing.is_right(made, GOOD)
    assert not hashing.is_right(made, GOOD + "x")
    assert not hashing.is_dated(made)
