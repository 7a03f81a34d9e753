"""Sessions of browsers: begun by a link that works once or by a password, ended by time or people.

Work is not lost with a session: what is typed is autosaved or still on the page, and whoever logs
in again under the same name goes on where he was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from ocr_service.db.accounts import accounts, passwords, sessions
from ocr_service.db.accounts.accounts import NewSecret, TokenKind, User
from ocr_service.db.accounts.sessions import SessionRow
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import (
    AccessDenied,
    LoginRefused,
    LoginThrottled,
    NotFound,
    SessionExpired,
)
from ocr_service.domain.passwords import check_password, normalised
from ocr_service.domain.throttle import (
    FREE_FOR_ACCOUNT,
    FREE_FOR_ADDRESS,
    Guesses,
    counted,
    waits_until,
)
from ocr_service.service.accounts.accounts import digest, new_secret
from ocr_service.service.accounts.passwords import hash_password, is_dated, is_right

FRESH_LINK = timedelta(minutes=15)
"""So long after a login link its user may set a password without knowing the old one."""

_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """How long sessions last.

    Attributes:
        idle: without a request.
        longest: however busy.
    """

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries to log in.

    Attributes:
        name: as typed.
        password: as typed.
        address: where the request comes from.
    """

    name: str
    password: str
    address: str


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody wants another password.

    Attributes:
        old: as typed; not looked at where the session came by a login link just now.
        new: as typed.
        session: secret of the session in which it is asked for, which goes on.
        min_length: smallest number of characters.
    """

    old: str
    new: str
    session: str
    min_length: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: whose, and the secret for the cookie."""

    user: User
    secret: str


def open_by_link(uow: UnitOfWork, login_secret: str, terms: SessionTerms) -> Opened:
    """Trade a login link for a session; what was guessed wrong before is forgiven.

    Raises:
        AccessDenied: the link is unknown, lapsed or was used.
    """
    user = accounts.use_login(uow, digest(login_secret))
    if user is None:
        raise AccessDenied("this login link is used up or too old; ask for a new one")
    passwords.forget_guesses(uow, _account(user.name))
    return _begin(uow, user, terms, by="link")


def open_by_password(db: Database, attempt: Attempt, terms: SessionTerms) -> Opened:
    """Trade name and password for a session.

    A guess is counted before it is looked at, so that a hundred at once are a hundred. The hash is
    computed between two transactions: it takes a tenth of a second, and SQLite has one writer.

    Raises:
        LoginThrottled: too many wrong guesses at this account or from this address.
        LoginRefused: wrong, unknown, without a password, or locked out; alike, whatever it is.
    """
    name, password = normalised(attempt.name).strip(), normalised(attempt.password)
    subjects = {_account(name): FREE_FOR_ACCOUNT, _address(attempt): FREE_FOR_ADDRESS}
    with db.writing() as uow:
        for subject, free in subjects.items():
            _count(uow, subject, free=free)
        user = accounts.find_user(uow, name) or accounts.find_user(uow, attempt.name.strip())
        hashed = None if user is None else passwords.hash_of(uow, user.id)
    right = is_right(hashed, password)
    if user is None or hashed is None or user.disabled or not right:
        _note_refusal(db, user, attempt)
        raise LoginRefused("name and password do not belong together")
    renewed = hash_password(password) if is_dated(hashed) else None
    with db.writing() as uow:
        passwords.forget_guesses(uow, _account(name))
        _give_back(uow, _address(attempt))
        if renewed is not None:
            passwords.keep_hash(uow, user.id, renewed)
        return _begin(uow, user, terms, by="password")


def whose(db: Database, secret: str, terms: SessionTerms, *, counts: bool = True) -> User:
    """Whose session this is; using it keeps it alive.

    Args:
        db: the database.
        secret: of the cookie.
        terms: how long sessions last.
        counts: False for what a page does by itself, such as polling.

    Raises:
        SessionExpired: it was idle too long, is too old, or was ended.
    """
    sha256 = digest(secret)
    with db.reading() as uow:
        found = sessions.find(uow, sha256)
        now = uow.now
    if found is None or found.seen_at + terms.idle <= now or found.opened_at + terms.longest <= now:
        raise SessionExpired("your session has ended; log in again and go on")
    if counts and now - found.seen_at >= _NOTED_EVERY:
        with db.writing(relaxed=True) as uow:
            sessions.note_use(uow, sha256)
    return found.user


def change_password(db: Database, user: User, change: Change) -> None:
    """A user's new password; all his other sessions and his login links end.

    Raises:
        WeakPassword: it is too short, too long or too easy.
        LoginRefused: the present password is wrong.
        LoginThrottled: it was wrong too often.
    """
    new = normalised(change.new)
    check_password(new, name=user.name, min_length=change.min_length)
    session = digest(change.session)
    with db.writing() as uow:
        hashed = passwords.hash_of(uow, user.id)
        asked = hashed is not None and not may_set_freely(sessions.find(uow, session), uow)
        if asked:
            _count(uow, _account(user.name), free=FREE_FOR_ACCOUNT)
    if asked and not is_right(hashed, normalised(change.old)):
        raise LoginRefused("the present password is wrong")
    made = hash_password(new)
    with db.writing() as uow:
        passwords.keep_hash(uow, user.id, made)
        passwords.forget_guesses(uow, _account(user.name))
        accounts.revoke_all(uow, user.id, (TokenKind.SESSION, TokenKind.LOGIN), but=session)
        uow.log(AuditEntry(user.name, "password.set", "user", user.id))


def close_session(uow: UnitOfWork, secret: str) -> None:
    """Log out."""
    accounts.revoke(uow, digest(secret))


def close_all(uow: UnitOfWork, user: User, *, actor: str, but: str = "") -> None:
    """End every session of a user, except the one with the secret ``but``."""
    keep = digest(but) if but else ""
    accounts.revoke_all(uow, user.id, (TokenKind.SESSION, TokenKind.LOGIN), but=keep)
    uow.log(AuditEntry(actor, "sessions.closed", "user", user.id))


def close_one(uow: UnitOfWork, user: User, session: int) -> None:
    """End one of one's own sessions.

    Raises:
        NotFound: it is none of his.
    """
    if session not in {row.id for row in sessions.of_user(uow, user.id)}:
        raise NotFound("no such session")
    sessions.end(uow, session)
    uow.log(AuditEntry(user.name, "session.closed", "user", user.id, {"session": session}))


def may_set_freely(session: SessionRow | None, uow: UnitOfWork) -> bool:
    """Whether this session came by a login link just now, so that no old password is asked for."""
    return session is not None and session.by == "link" and uow.now - session.opened_at < FRESH_LINK


def _begin(uow: UnitOfWork, user: User, terms: SessionTerms, *, by: str) -> Opened:
    secret = new_secret()
    new = NewSecret(TokenKind.SESSION, digest(secret), uow.now + terms.longest, by)
    accounts.add_token(uow, user.id, new)
    uow.log(AuditEntry(user.name, "session.opened", "user", user.id, {"by": by}))
    return Opened(user, secret)


def _count(uow: UnitOfWork, subject: str, *, free: int) -> None:
    known = passwords.lock_guesses(uow, subject)
    until = waits_until(known, uow.now)
    if until is not None:
        raise LoginThrottled(max(1, round((until - uow.now).total_seconds())))
    passwords.keep_guesses(uow, subject, counted(known, uow.now, free=free))


def _give_back(uow: UnitOfWork, subject: str) -> None:
    known = passwords.lock_guesses(uow, subject)
    rest = Guesses(max(0, known.failures - 1), known.last_at, None)
    passwords.keep_guesses(uow, subject, rest)


def _note_refusal(db: Database, user: User | None, attempt: Attempt) -> None:
    with db.writing() as uow:
        subject = 0 if user is None else user.id
        detail: dict[str, DetailValue] = {"address": attempt.address, "known": user is not None}
        uow.log(AuditEntry("nobody", "login.refused", "user", subject, detail))


def _account(name: str) -> str:
    return "account:" + hashlib.sha256(name.encode()).hexdigest()


def _address(attempt: Attempt) -> str:
    return "address:" + hashlib.sha256(attempt.address.encode()).hexdigest()


__all__ = [
    "FRESH_LINK",
    "Attempt",
    "Change",
    "Opened",
    "SessionTerms",
    "change_password",
    "close_all",
    "close_one",
    "close_session",
    "may_set_freely",
    "open_by_link",
    "open_by_password",
    "whose",
]
