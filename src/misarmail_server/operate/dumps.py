"""Copies of a database in use, as one consistent snapshot, and their restoration into an empty database.

SQLite copies by `VACUUM INTO` (https://sqlite.org/lang_vacuum.html), PostgreSQL by its own pg_dump and pg_restore.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from misarmail_server import settings
from misarmail_server.db.store import Store
from misarmail_server.operate.archives import refused


class Dump(Protocol):
    """How one kind of database is copied and restored."""

    def save(self, file: Path) -> dict[str, int]:
        """Copy the database to a file, check the copy and return the rows of its tables."""

    def require_empty(self) -> None:
        """Raise Conflict if the database has tables."""

    def load(self, file: Path) -> None:
        """Make the database what the file holds."""


def of(store: Store) -> Dump:
    """The dump of a store's kind."""
    return SqliteDump(store) if store.is_sqlite else PostgresqlDump(store)


def rows(connection: Connection) -> dict[str, int]:
    """The number of rows of every table."""
    names = sorted(inspect(connection).get_table_names())
    quoted = {name: connection.dialect.identifier_preparer.quote(name) for name in names}
    return {name: connection.scalar(text(f"SELECT count(*) FROM {quoted[name]}")) or 0 for name in names}  # noqa: S608 - names of tables


class SqliteDump:
    """A copy of the file, which writers do not wait for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = Path(str(store.url.database))

    def save(self, file: Path) -> dict[str, int]:
        """As of Dump."""
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(file),))
        with closing(sqlite3.connect(file)) as copy:
            (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise refused(f"The database is damaged: {verdict}")
        with closing(Store(f"sqlite:///{file}")) as copied, copied.read() as snapshot:
            counted = rows(snapshot)
        for leftover in file.parent.glob(f"{file.name}[-.]*"):  # of reading the copy
            leftover.unlink()
        return counted

    def require_empty(self) -> None:
        """As of Dump."""
        if self._path.exists():
            raise refused(f"There is a database at {self._path}; a backup is restored into an empty state folder only")

    def load(self, file: Path) -> None:
        """As of Dump."""
        unfinished = self._path.with_name(f"{self._path.name}.restored")
        shutil.copyfile(file, unfinished)
        unfinished.chmod(0o600)
        with unfinished.open("rb") as copied:
            os.fsync(copied.fileno())
        unfinished.rename(self._path)


class PostgresqlDump:
    """The custom format of pg_dump."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, file: Path) -> dict[str, int]:
        """As of Dump. The dump and the counts are of one snapshot."""
        with self._store.read() as connection:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            counted = rows(connection)
            _run("pg_dump", self._store.url, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}")
        return counted

    def require_empty(self) -> None:
        """As of Dump."""
        with self._store.read() as connection:
            if inspect(connection).get_table_names():
                raise refused("The database has tables; a backup is restored into an empty database only")

    def load(self, file: Path) -> None:
        """As of Dump, all or nothing."""
        _run("pg_restore", self._store.url, "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(file))


def _run(program: str, url: URL, *words: str) -> None:
    """Run a program of PostgreSQL on a database. The password is in its environment: others can see the words of a command."""
    password = {"PGPASSWORD": url.password} if url.password else {}
    database = url.set(drivername="postgresql", password=None).render_as_string()
    try:
        command = [program, f"--dbname={database}", *words]
        ended = subprocess.run(  # noqa: S603 - a list of words, none from outside the operator's settings
            command, env=settings.environment_of_child(password), capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise refused(f"{program} is not installed; it is part of PostgreSQL's client programs") from error
    if ended.returncode:
        raise refused(f"{program} failed: {' '.join(ended.stderr.split())}")
