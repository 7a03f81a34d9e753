"""Schema, audit log, blobs and accounts hold what they promise."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ocr_service.blobs import BlobDamaged, BlobMissing, BlobStore, open_store
from ocr_service.db import audit
from ocr_service.db import tables as t
from ocr_service.db.accounts import accounts as account_rows
from ocr_service.db.accounts.accounts import Role
from ocr_service.db.audit import AuditEntry, verify_audit_chain
from ocr_service.db.engine import make_engine
from ocr_service.db.migrate import is_current, upgrade
from ocr_service.db.records import documents
from ocr_service.db.tables import metadata
from ocr_service.db.types import UtcDateTime
from ocr_service.db.uow import Database
from ocr_service.domain.errors import AccessDenied, Conflict, NotFound, ServiceUnavailable
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.service.accounts import accounts
from ocr_service.service.health import audit_problems
from ocr_service.service.intake import blanks
from ocr_service.service.intake.orphans import KEPT_ASIDE, remove_orphans
from ocr_service.settings import Settings
from tests.conftest import TurnableClock, new_database
from tests.service.fakes import KEY, Office, jpeg


def test_the_migrations_give_exactly_the_tables_the_code_uses(database_url: str) -> None:
    """Compared by Alembic itself."""
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert is_current(engine)
    engine.dispose()


def _upgrade_by_several(url: str) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def migrate() -> None:
        engine = make_engine(url)
        start.wait()
        try:
            upgrade(engine)
        except sa.exc.SQLAlchemyError as error:
            failures.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_several_processes_may_create_a_sqlite_schema_at_once(tmp_path: Path) -> None:
    """The first does it, the others wait and find it done."""
    _upgrade_by_several(f"sqlite:///{tmp_path / 'new.sqlite3'}")


def test_several_processes_may_create_a_postgresql_schema_at_once(
    postgres_uri: Callable[[str], str],
) -> None:
    """The first does it, the others wait and find it done."""
    _upgrade_by_several(new_database(postgres_uri, "empty"))


def test_other_databases_are_refused() -> None:
    """Rather than half work."""
    with pytest.raises(ValueError, match="mysql"):
        make_engine("mysql://x/y")
    with pytest.raises(ValueError, match="file"):
        make_engine("sqlite://")


def test_moments_come_back_in_utc_and_need_a_zone(db: Database) -> None:
    """On SQLite as on PostgreSQL."""
    moment = datetime.fromisoformat("2026-11-01T18:00:00.123456+09:00")
    with db.reading() as uow:
        back = uow.connection.execute(
            sa.select(sa.cast(sa.literal(moment, UtcDateTime), UtcDateTime))
            if uow.connection.dialect.name == "postgresql"
            else sa.select(sa.literal(moment, UtcDateTime))
        ).scalar_one()
    assert back == moment
    assert back.tzinfo is UTC
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(moment.replace(tzinfo=None), db.engine.dialect)


def test_an_unreachable_database_is_a_named_error(tmp_path: Path, clock: TurnableClock) -> None:
    """One that says try again."""
    engine = make_engine(f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(ServiceUnavailable), Database(engine, clock).reading() as uow:
        uow.connection.execute(sa.select(1))


def _log_three(db: Database) -> None:
    for number in range(3):
        with db.writing() as uow:
            uow.log(AuditEntry("clerk", "batch.created", "batch", number, {"n": number}))


def test_a_whole_audit_log_verifies(db: Database) -> None:
    """Also an empty one."""
    with db.reading() as uow:
        assert verify_audit_chain(uow.connection) is None
    _log_three(db)
    with db.reading() as uow:
        assert verify_audit_chain(uow.connection) is None
        assert [row.entry.subject_id for row in audit.page(uow.connection)] == [0, 1, 2]


@pytest.mark.parametrize(
    "tampering",
    [
        sa.update(t.audit).where(t.audit.c.id == 2).values(actor="somebody"),
        sa.update(t.audit).where(t.audit.c.id == 2).values(detail={"n": 9}),
        sa.delete(t.audit).where(t.audit.c.id == 1),
        sa.delete(t.audit).where(t.audit.c.id == 2),
    ],
)
def test_changed_and_removed_rows_of_the_audit_log_show(
    db: Database, tampering: sa.Update | sa.Delete
) -> None:
    """At the row itself, or at its follower."""
    _log_three(db)
    with db.engine.begin() as connection:
        connection.execute(tampering)
    with db.reading() as uow:
        assert verify_audit_chain(uow.connection) in {2, 3}


def test_writers_at_once_keep_the_chain(db: Database) -> None:
    """Each hashes the one before, whoever that was."""
    threads = [threading.Thread(target=_log_three, args=(db,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as uow:
        assert verify_audit_chain(uow.connection) is None
        assert len(audit.page(uow.connection)) == 12


def test_doctor_finds_a_broken_chain_and_no_fault_in_a_new_place(
    tmp_path: Path, new_sqlite: str, clock: TurnableClock
) -> None:
    """Before the first start there is nothing to complain about."""
    assert audit_problems(Settings(data_dir=tmp_path / "nothing")) == []
    settings = Settings(data_dir=tmp_path, database_url=new_sqlite)
    db = Database(make_engine(new_sqlite), clock)
    _log_three(db)
    assert audit_problems(settings) == []
    with db.engine.begin() as connection:
        connection.execute(sa.delete(t.audit).where(t.audit.c.id == 2))
    assert audit_problems(settings) == [
        "row 3 of the audit log was changed, or the one before it removed"
    ]
    db.engine.dispose()


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Both stores that need no network."""
    return open_store("memory://" if request.param == "memory" else str(tmp_path / "blobs"))


def test_blobs_come_back_by_their_digest_however_often_they_are_put(store: BlobStore) -> None:
    """From bytes or from a file."""
    digest = store.put(b"scan")
    assert store.put(b"scan") == digest
    store.put_file(io.BytesIO(b"scan"), digest)
    assert store.get(digest) == b"scan"
    assert store.exists(digest)
    store.check()


def test_missing_and_strange_digests_are_named(store: BlobStore) -> None:
    """A path cannot be smuggled in."""
    with pytest.raises(BlobMissing):
        store.get("0" * 64)
    assert not store.exists("0" * 64)
    with pytest.raises(NotFound):
        store.get("../../../etc/passwd")


def test_a_blob_that_changed_on_disk_is_not_given_out(tmp_path: Path) -> None:
    """Rather an error than another person's page."""
    store = open_store(str(tmp_path))
    digest = store.put(b"scan")
    next(tmp_path.rglob(digest)).write_bytes(b"scam")
    with pytest.raises(BlobDamaged):
        store.get(digest)


def test_only_old_half_written_blobs_are_cleared_away(tmp_path: Path) -> None:
    """What a killed writer left, not what a living one is writing."""
    store = open_store(str(tmp_path))
    digest = store.put(b"scan")
    half = next(tmp_path.rglob(digest)).with_name(f"{digest}#1")
    half.write_bytes(b"sc")
    now = half.stat().st_mtime
    assert store.clean_temporary(now_s=now + 10) == 0
    assert store.clean_temporary(now_s=now + 4000) == 1
    assert store.get(digest) == b"scan"


def test_a_full_disk_is_a_named_error(tmp_path: Path) -> None:
    """The sender is told to try again later."""
    store = open_store(str(tmp_path))
    (tmp_path / "sha256").write_text("a file where a folder should be")
    with pytest.raises(ServiceUnavailable):
        store.put(b"scan")


def test_orphans_go_and_named_blobs_stay(office: Office, clock: TurnableClock) -> None:
    """Only what is old and in no row, and only after it lay aside for a while."""
    document = office.one_read()
    orphan = office.blobs.put(b"left by a crash")
    clock.now = datetime.now(UTC) + timedelta(hours=1)
    assert remove_orphans(office.db, office.blobs, older_than=timedelta(days=1)) == 0
    assert office.blobs.exists(orphan)
    assert remove_orphans(office.db, office.blobs, older_than=timedelta(0)) == 0
    assert not office.blobs.exists(orphan)
    assert office.blobs.get(orphan) == b"left by a crash"
    clock.advance(KEPT_ASIDE.total_seconds())
    assert remove_orphans(office.db, office.blobs, older_than=timedelta(0)) == 1
    with pytest.raises(BlobMissing):
        office.blobs.get(orphan)
    with office.db.reading() as uow:
        found = documents.get(uow, document)
    assert found.view_sha256 is not None
    assert office.blobs.exists(found.view_sha256)


def test_tokens_lapse_are_revoked_and_fall_with_their_user(
    db: Database, clock: TurnableClock
) -> None:
    """Each alone makes a token worthless."""
    with db.writing() as uow:
        accounts.create_user(uow, name="rpa", roles=(Role.SCANNER,), actor="test")
        user = account_rows.user_named(uow, "rpa")
        short = accounts.issue_token(uow, user, name="short", life=timedelta(hours=1), actor="test")
        gone = accounts.issue_token(uow, user, name="gone", life=None, actor="test")
        kept = accounts.issue_token(uow, user, name="kept", life=None, actor="test")
    clock.advance(3601)
    with db.writing() as uow:
        ids = {row.name: row.id for row in account_rows.api_tokens(uow)}
        account_rows.revoke_by_id(uow, ids["gone"])
        with pytest.raises(NotFound):
            account_rows.revoke_by_id(uow, 999)
        assert accounts.who(uow, kept) == user
        for secret in (short, gone, "unknown"):
            with pytest.raises(AccessDenied):
                accounts.who(uow, secret)
        account_rows.set_disabled(uow, user.id, disabled=True)
        with pytest.raises(AccessDenied):
            accounts.who(uow, kept)


def test_secrets_are_not_kept(db: Database) -> None:
    """Only their digest is in the table."""
    with db.writing() as uow:
        admin = accounts.ensure_admin(uow)
        assert accounts.ensure_admin(uow) == admin
        secret = accounts.issue_token(uow, admin, name="t", life=None, actor="test")
        rows = uow.connection.execute(sa.select(t.tokens)).all()
    assert secret not in str(rows)


def test_a_user_name_is_given_once(db: Database) -> None:
    """The second is a named conflict."""
    with db.writing() as uow:
        accounts.create_user(uow, name="a", roles=(Role.REVIEWER,), actor="test")
    with db.writing() as uow, pytest.raises(Conflict):
        accounts.create_user(uow, name="a", roles=(Role.REVIEWER,), actor="test")


def test_the_newest_blank_of_a_template_counts(db: Database, blobs: BlobStore) -> None:
    """Older ones are kept and not used."""
    loaded = load_library(shipped_folder()).get(KEY)
    for seed in range(2):
        with db.writing() as uow:
            blanks.register_blank(uow, blobs, loaded, jpeg(seed), name=f"{seed}.jpg", actor="admin")
    with db.reading() as uow:
        found = blanks.registered_blanks(uow)
    assert [blank.name for blank in found] == ["1.jpg"]
    assert blobs.get(found[0].sha256) == jpeg(1)
