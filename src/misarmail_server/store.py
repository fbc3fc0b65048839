"""The database: who may open a transaction, and when it is durable.

SQLite has one writer at a time, so writes of one process share a transaction and its fsync (group commit), and processes take
turns by a file lock: `SQLITE_BUSY` cannot happen between them. On PostgreSQL every write is its own transaction.
A `write` that returned is on disk; one that raised left nothing.
"""

from __future__ import annotations

import fcntl
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from misarmail_server.errors import Unavailable
from misarmail_server.prepared import Prepared, Values

T = TypeVar("T")
Work = Callable[[Connection], Any]

BUSY_MILLISECONDS = 10_000  # for writers that are not ours, such as a backup tool
BATCH = 64  # most units of work that share one transaction
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MILLISECONDS}",
    "cache_size=-65536",
    "temp_store=MEMORY",
)


class _Writer(Protocol):
    def run(self, work: Work) -> Any: ...

    def close(self) -> None: ...


class Store:
    """One database. `read` gives a consistent snapshot, `write` runs a unit of work that is durable when it returns."""

    def __init__(self, database_url: str, *, pool_size: int = 32) -> None:
        self.url = make_url(database_url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(database_url) if self.is_sqlite else _postgresql_engine(database_url, pool_size)
        self._writer: _Writer = (
            GroupCommit(self.engine, Path(f"{self.url.database}.lock")) if self.is_sqlite else _OwnTransactions(self.engine)
        )
        self._driver_error: type[Exception] = self.engine.dialect.loaded_dbapi.OperationalError
        self._local = threading.local()
        self._readers: weakref.WeakSet[Connection] = weakref.WeakSet()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot. Raises Unavailable when the database cannot be reached."""
        connection = self._reader()
        try:
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()
        except OperationalError as error:
            connection.invalidate()
            raise Unavailable from error

    def fetch_one(self, statement: Prepared, values: Values) -> tuple[Any, ...] | None:
        """The first row of a single SELECT, as a plain tuple. Raises Unavailable when the database cannot be reached."""
        connection = self._reader()
        try:
            row: tuple[Any, ...] | None = statement.run_alone(connection, values)
        except self._driver_error as error:
            connection.invalidate()
            raise Unavailable from error
        return row

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return what it returns, after the commit.

        `work` may run on another thread and must not touch the network. What it raises rolls it back and is raised here;
        raises Unavailable when the database could not take it.
        """
        result: T = self._writer.run(work)
        return result

    def close(self) -> None:
        """Close all connections of this process, those of ended threads too."""
        for connection in list(self._readers):
            connection.close()
        self._writer.close()
        self.engine.dispose()

    def _reader(self) -> Connection:
        """This thread's own connection, kept open: opening one costs more than the query."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            try:
                connection = self.engine.connect()
            except OperationalError as error:
                raise Unavailable from error
            self._local.connection = connection
            self._readers.add(connection)
        return connection


class _OwnTransactions:
    """PostgreSQL: one transaction a unit of work; the server groups the commits itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._driver_error: type[Exception] = engine.dialect.loaded_dbapi.OperationalError

    def run(self, work: Work) -> Any:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except (OperationalError, self._driver_error) as error:
            raise Unavailable from error

    def close(self) -> None:
        """Nothing is held between units of work."""


class _Job:
    """One unit of work waiting for its commit. `wake` is held until it is done or its thread is to lead."""

    __slots__ = ("error", "is_done", "result", "wake", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done = False
        self.wake = threading.Lock()
        self.wake.acquire()


class GroupCommit:
    """The one writer of a process on SQLite.

    The first thread that comes leads: it runs everything that waits in one transaction, each unit in its own savepoint,
    commits once and wakes the others. What arrived meanwhile forms the next batch, led by its first thread.
    """

    def __init__(self, engine: Engine, lock_path: Path) -> None:
        self._engine = engine
        self._lock_path = lock_path
        self._driver_error: type[Exception] = engine.dialect.loaded_dbapi.OperationalError
        self._lock_file: Any = None
        self._connection: Connection | None = None
        self._mutex = threading.Lock()
        self._waiting: list[_Job] = []
        self._is_led = False
        self._is_closed = False

    def run(self, work: Work) -> Any:
        """Queue the work, lead or wait, and give its result or raise its error."""
        job = _Job(work)
        with self._mutex:
            if self._is_closed:
                raise Unavailable
            self._waiting.append(job)
            leads, self._is_led = not self._is_led, True
        if not leads:
            job.wake.acquire()
        if not job.is_done:
            self._lead(job)
        if isinstance(job.error, OperationalError | self._driver_error):
            raise Unavailable from job.error
        if job.error is not None:
            raise job.error
        return job.result

    def close(self) -> None:
        """Close the connection and the lock file; nothing is taken any more."""
        with self._mutex:
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._lock_file is not None:
                self._lock_file.close()
                self._lock_file = None

    def _lead(self, own: _Job) -> None:
        with self._mutex:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        self._commit(batch)
        with self._mutex:
            successor = self._waiting[0] if self._waiting else None
            self._is_led = successor is not None
        for job in batch:
            if job is not own:
                job.wake.release()
        if successor is not None:
            successor.wake.release()

    def _commit(self, batch: list[_Job]) -> None:
        """Run and commit a batch. Whatever happens, every job ends with a result or an error."""
        try:
            with self._turn() as connection, connection.begin():
                for job in batch:
                    self._attempt(connection, job, alone=len(batch) == 1)
        except _RolledBackError:
            pass
        except (DBAPIError, self._driver_error) as error:
            self._fail(batch, error)
        except BaseException as error:
            self._fail(batch, error)
            raise
        finally:
            for job in batch:
                job.is_done = True

    def _fail(self, batch: list[_Job], cause: BaseException) -> None:
        """The transaction is gone: nothing of the batch was kept. The connection is not trusted any more."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
        for job in batch:
            if job.error is None:
                job.error = Unavailable()
                job.error.__cause__ = cause

    @staticmethod
    def _attempt(connection: Connection, job: _Job, *, alone: bool) -> None:
        """Run one unit in a savepoint; one that is alone needs none, its failure rolls the transaction back."""
        cursor = connection.connection.cursor()
        if not alone:
            cursor.execute("SAVEPOINT unit")
        try:
            job.result = job.work(connection)
        except BaseException as error:
            job.error = error
            if alone:
                raise _RolledBackError from error
            cursor.execute("ROLLBACK TO unit")
        if not alone:
            cursor.execute("RELEASE unit")

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """The writing connection, while no other process of ours writes."""
        if self._lock_file is None:
            self._lock_file = self._lock_path.open("a")
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(writes=True)
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        try:
            yield self._connection
        finally:
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)


class _RolledBackError(Exception):
    """Leaves the transaction's block so that it rolls back; the job carries the real error."""


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512}
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver's own BEGIN is deferred: two writers that both read first would dead-lock, and a reader would see no fixed snapshot.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


def _postgresql_engine(url: str, pool_size: int) -> Engine:
    named = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(named, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
