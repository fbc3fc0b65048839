"""Migrations that landed are never edited, and the tables of every commit that landed can be upgraded.

`landed/` has the tables of commits whose migrations were edited later; those of all others are what today's migrations make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.settings import BadSettingError
from tests.support.databases import counts, described, fill, run, table_names
from tests.support.postgresql import another_database, own_database

HASHES = migrate.FOLDER / "landed.sha256"
SHAPES = sorted(path.stem for path in (Path(__file__).parent / "landed").glob("*.sql"))
pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    url = another_database(f"{own_database().rpartition('/')[2].partition('?')[0]}_landed") or f"sqlite:///{tmp_path}/landed.db"
    with closing(Store(url)) as store:
        yield store


def landed(store: Store, shape: str) -> None:
    """Make the tables of a shape, with one row in each."""
    sql = (Path(__file__).parent / "landed" / f"{shape}.sql").read_text()
    if store.engine.dialect.name == "postgresql":
        sql = (
            sql.replace(" BLOB", " BYTEA")
            .replace(" DOUBLE", " DOUBLE PRECISION")
            .replace("WITHOUT ROWID", "")
            .replace("  id INTEGER NOT NULL", "  id BIGSERIAL NOT NULL")
        )
    store.write(lambda connection: [connection.execute(text(each)) for each in sql.split(";\n") if each.strip()] and None)
    store.write(fill)


def test_migrations_that_landed_are_not_edited() -> None:
    recorded = {name: digest for digest, name in (line.split() for line in HASHES.read_text().splitlines())}
    actual = {
        f"versions/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in (migrate.FOLDER / "versions").glob("0*.py")
    }

    edited = sorted(name for name in recorded if actual.get(name) != recorded[name])
    new = sorted(actual.keys() - recorded.keys())

    assert edited == [], "a migration that is on main is never edited: write a new one"
    assert new == [], f"record each new migration: (cd {migrate.FOLDER} && sha256sum {' '.join(new)} >> {HASHES.name})"


@pytest.mark.parametrize("shape", SHAPES)
def test_upgrade_of_tables_that_landed_gives_this_version_and_keeps_every_row(empty: Store, shape: str) -> None:
    landed(empty, shape)
    with empty.read() as connection:
        names = [name for name in table_names(connection) if name != "event_hours"]
    before = counts(empty, names)

    migrate.upgrade(empty)

    after = counts(empty, names)
    assert {name: (before[name], after[name]) for name in names if after[name] < before[name]} == {}
    assert described(empty) == of_this_version(empty)


def of_this_version(store: Store) -> dict[str, Any]:
    """The description of the tables that all migrations make."""
    store.alter(drop_everything)
    store.alter(migrate.step)
    return described(store)


def drop_everything(connection: Any) -> None:
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    for name in (*table_names(connection), "alembic_version"):
        connection.execute(text(f"DROP TABLE {name}{cascade}"))


def test_upgrade_of_counts_by_hour_counts_days_too(empty: Store) -> None:
    landed(empty, "0002_c")
    run(empty, "DELETE FROM event_hours")
    for hour, count in ((25, 2), (30, 3), (50, 4)):
        run(empty, f"INSERT INTO event_hours VALUES ('acc_1', '', {hour * 3_600_000}, 'sent', 0, {count})")

    migrate.upgrade(empty)

    with empty.read() as connection:
        rows = connection.execute(text("SELECT span, began_at / 3600000, count FROM event_counts ORDER BY span, began_at")).all()
    assert [tuple(row) for row in rows] == [("day", 24, 5), ("day", 48, 4), ("hour", 25, 2), ("hour", 30, 3), ("hour", 50, 4)]


def test_upgrade_goes_on_after_the_numbers_of_copied_rows(empty: Store) -> None:
    landed(empty, "0005_a")
    run(empty, "UPDATE audit_entries SET id = 41")

    migrate.upgrade(empty)

    columns = "account_id, operation, target, request_id, outcome, at"
    run(empty, f"INSERT INTO audit_entries ({columns}) VALUES ('acc_1', 'list_keys', '', 'req_1', 'succeeded', 1)")
    with empty.read() as connection:
        assert connection.scalar(text("SELECT max(id) FROM audit_entries")) == 42


def test_upgrade_refuses_tables_of_no_known_version_and_changes_nothing(empty: Store) -> None:
    landed(empty, "0002_b")
    run(empty, "CREATE TABLE coupons (id INTEGER)")
    run(empty, "ALTER TABLE accounts ADD COLUMN colour TEXT")
    before = described(empty)

    with pytest.raises(BadSettingError) as refused:
        migrate.upgrade(empty)

    assert str(refused.value) == (
        "MISARMAIL_DATABASE_URL names a database of version 0002 with tables of no known version: accounts.colour, coupons"
    )
    assert described(empty) == before
