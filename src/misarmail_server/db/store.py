"""The database: transactions, and when they are durable.

A `write` that returned is on disk; one that raised stored nothing. A `read` sees one snapshot and cannot write.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from misarmail_server.db.prepared import Prepared, Values
from misarmail_server.db.writers import GroupCommit, OwnTransactions, is_outage
from misarmail_server.errors import Unavailable

T = TypeVar("T")

BUSY_MILLISECONDS = 10_000  # for other writers, such as a backup tool
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=16384",  # pages, 64 MiB: a page that many transactions change is copied to the database once
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MILLISECONDS}",
    "cache_size=-65536",
    "temp_store=MEMORY",
)
# One reader per concurrently reading thread: large caches would outgrow the process, and the system caches the file as well.
READER_PRAGMAS = ("query_only=ON", "cache_size=-8192")


class Store:
    """One database. `read` gives a consistent snapshot; `write` runs a unit of work that is durable when it returns."""

    def __init__(self, database_url: str, *, pool_size: int = 32) -> None:
        self.url = make_url(database_url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(database_url) if self.is_sqlite else _postgresql_engine(database_url, pool_size)
        self._writer: GroupCommit | OwnTransactions = (
            GroupCommit(self.engine, Path(f"{self.url.database}.lock")) if self.is_sqlite else OwnTransactions(self.engine)
        )
        # Not thread-local: a thread that ends closes its connection while it dies, which has crashed granian's processes.
        self._idle: deque[Connection] = deque()
        self._is_closed = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot. Raises Unavailable if the database cannot be reached."""
        connection = self._acquire()
        try:
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()
        except Exception as error:
            self._raise_if_outage(connection, error)
            raise
        finally:
            self._release(connection)

    def fetch_one(self, statement: Prepared, values: Values) -> tuple[Any, ...] | None:
        """The first row of a single SELECT, as a plain tuple. Raises Unavailable if the database cannot be reached."""
        try:
            return self._fetch_one(statement, values)
        except Unavailable:
            # The idle connection may be broken, for instance after a restart of PostgreSQL; try a new one.
            return self._fetch_one(statement, values)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its result after the commit.

        `work` may run on another thread, and again after a rollback; it must not touch the network. An exception of `work` rolls back and
        is raised here. Raises Unavailable if the database cannot accept the write.
        """
        result: T = self._writer.run(work)
        return result

    def alter(self, work: Callable[[Connection], T]) -> T:
        """As `write`, for a change of tables. Raises BrokenReferenceError if it leaves a row that refers to a missing one."""
        result: T = self._writer.alter(work)
        return result

    def close(self) -> None:
        """Finish pending writes and close all connections; a connection in use is closed when it is released."""
        self._is_closed = True
        self._writer.close()
        self._close_idle()
        self.engine.dispose()

    def _fetch_one(self, statement: Prepared, values: Values) -> tuple[Any, ...] | None:
        connection = self._acquire()
        try:
            row: tuple[Any, ...] | None = statement.run_alone(connection, values)
        except Exception as error:
            self._raise_if_outage(connection, error)
            raise
        finally:
            self._release(connection)
        return row

    def _acquire(self) -> Connection:
        """A connection for reading, kept open between reads.

        Opening one costs more than the query. As many are open as threads read at once.
        """
        if self._is_closed:
            raise Unavailable
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _release(self, connection: Connection) -> None:
        if not connection.closed:
            self._idle.append(connection)
        if self._is_closed:  # meanwhile, perhaps after `close` emptied the list
            self._close_idle()

    def _close_idle(self) -> None:
        while self._idle:
            try:
                self._idle.pop().close()
            except IndexError:  # another thread took the last one
                return

    def _connect(self) -> Connection:
        try:
            if self.is_sqlite:
                connection = self.engine.connect()
                cursor = connection.connection.cursor()
                for pragma in READER_PRAGMAS:
                    cursor.execute(f"PRAGMA {pragma}")
                return connection
            return self.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        except Exception as error:
            if is_outage(error, self.engine):
                raise Unavailable from error
            raise

    def _raise_if_outage(self, connection: Connection, error: Exception) -> None:
        """Raise Unavailable after an outage; closes this connection and the idle ones, which may be broken too."""
        if is_outage(error, self.engine):
            connection.invalidate()
            connection.close()
            self._close_idle()
            raise Unavailable from error


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512}
    )

    @event.listens_for(engine, "do_connect")
    def create_for_owner(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
        # Its other files get the same mode. A file that exists must not be opened here: closing it would end this process's locks on it
        # (POSIX, fcntl). SQLite gives the reason of every other failure.
        with suppress(OSError):
            os.close(os.open(arguments[0], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        # SQLite's `lower` handles only ASCII; PostgreSQL's and Python's agree on every letter.
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver's BEGIN is deferred: two writers that read first would deadlock, and a reader would see no fixed snapshot.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


def _lower(value: object) -> str | None:
    return None if value is None else str(value).lower()


def _postgresql_engine(url: str, pool_size: int) -> Engine:
    """A thread holds one connection to read and one while it writes, so their number is bounded without the pool."""
    named = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(named, pool_size=pool_size, max_overflow=-1, pool_pre_ping=True)
