"""Upgrades a database to this version's tables, exactly once even if several processes start together."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, table, text
from sqlalchemy.sql import column

from misarmail_server.db import early_databases, tables
from misarmail_server.db.store import Store
from misarmail_server.settings import BadSettingError

FOLDER = Path(__file__).parents[1] / "migrations"
ADVISORY_LOCK = 0x6D697361  # any number that no other lock uses


def head() -> str:
    """The newest revision, from the file names `NNNN_what.py`."""
    return max(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def upgrade(store: Store) -> bool:
    """Apply the missing migrations, all or none; returns False if none was missing.

    Raises BadSettingError for a database of a newer version, Unavailable if it cannot be reached.
    """
    return is_behind(store) and store.alter(_upgrade)


def is_behind(store: Store) -> bool:
    """Whether migrations are missing. Raises as `upgrade` does."""
    with store.read() as connection:
        return _is_behind(connection)


def _is_behind(connection: Connection) -> bool:
    version = current(connection)
    if version is not None and version > head():
        raise BadSettingError(f"MISARMAIL_DATABASE_URL names a database of version {version}; this program supports up to {head()}")
    return version != head()


def current(connection: Connection) -> str | None:
    """The revision of a database's tables; None if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
    return version


def _upgrade(connection: Connection) -> bool:
    """Runs in one transaction, which on SQLite excludes every other process; on PostgreSQL an advisory lock does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    if not _is_behind(connection):  # another process was faster
        return False
    if inspect(connection).get_table_names():
        early_databases.complete(connection, current(connection) or "", step)
        step(connection)
    else:
        _create(connection)
    return True


def step(connection: Connection, revision: str = "head") -> None:
    """Run the missing migrations up to a revision, in order."""
    # Alembic takes a third of a second to import, and most starts have nothing to migrate.
    from alembic import command, config  # noqa: PLC0415 - see above

    settings = config.Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def _create(connection: Connection) -> None:
    """Create this version's tables in an empty database, with the same result as running all migrations."""
    version = Column("version_num", String(32), nullable=False)  # as Alembic creates it
    version_table = Table("alembic_version", MetaData(), version, PrimaryKeyConstraint(version, name="alembic_version_pkc"))
    version_table.create(connection)
    connection.execute(version_table.insert().values(version_num=head()))
    tables.Table.metadata.create_all(connection, checkfirst=False)
