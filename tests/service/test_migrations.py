"""The schema goes forth and back on both databases without losing what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ocr_service.db.engine import make_engine
from ocr_service.db.migrate import alembic_config, is_current, upgrade
from ocr_service.db.tables import metadata, users
from tests.conftest import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database of each kind."""
    url = f"sqlite:///{tmp_path / 'm.sqlite3'}"
    if request.param == "postgresql":
        uri: Callable[[str], str] = request.getfixturevalue("postgres_uri")
        url = new_database(uri, f"back_{abs(hash(request.node.name)) % 10**9}")
    made = make_engine(url)
    yield made
    made.dispose()


def _go(engine: sa.Engine, step: Callable[..., None], target: str) -> None:
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        step(config, target)


def _names(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_every_migration_goes_down_and_up_again(engine: sa.Engine) -> None:
    """One by one to nothing, and back to exactly the tables the code uses."""
    upgrade(engine)
    while _names(engine):
        before = _names(engine), _columns(engine)
        _go(engine, command.downgrade, "-1")
        assert (_names(engine), _columns(engine)) != before
        assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def _columns(engine: sa.Engine) -> set[tuple[str, str]]:
    found = sa.inspect(engine)
    return {(name, column["name"]) for name in _names(engine) for column in found.get_columns(name)}


def test_rows_survive_the_way_down_and_up(engine: sa.Engine) -> None:
    """A batch keeps its name; what the older schema has no room for falls back to its default."""
    upgrade(engine)
    stored = {"name": "箱 1", "by": "clerk", "at": "2026-11-01 09:00:00"}
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO batches (name, created_by, created_at, flow, priority)"
                " VALUES (:name, :by, :at, 'paused', 0)"
            ),
            stored,
        )
    _go(engine, command.downgrade, "0001")
    upgrade(engine)
    with engine.connect() as connection:
        query = sa.text("SELECT name, flow, priority FROM batches")
        assert connection.execute(query).all() == [("箱 1", "running", 1)]


@pytest.mark.parametrize(
    ("role", "roles", "back"),
    [
        ("clerk", "scanner reviewer approver exporter", "clerk"),
        ("admin", "admin", "admin"),
        ("scanner", "scanner", "scanner"),
    ],
)
def test_nobody_loses_a_right_when_roles_are_split(
    engine: sa.Engine, role: str, roles: str, back: str
) -> None:
    """A clerk did four things; going back he is a clerk again."""
    upgrade(engine)
    _go(engine, command.downgrade, "0004")
    with engine.begin() as connection:
        values = {"role": role, "at": "2026-11-01 09:00:00"}
        insert = "INSERT INTO users (name, role, created_at) VALUES ('a', :role, :at)"
        connection.execute(sa.text(insert), values)
    upgrade(engine)
    with engine.connect() as connection:
        query = sa.select(users.c.roles)
        assert connection.execute(query).scalar_one() == roles.split()
    _go(engine, command.downgrade, "0004")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT role FROM users")).scalar_one() == back
