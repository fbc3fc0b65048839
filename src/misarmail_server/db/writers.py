"""How units of work become durable, on either database. Every unit ends with its result or with an error.

SQLite allows one writer at a time, so the writes of one process share a transaction and its fsync (group commit), and processes take
turns with a file lock: `SQLITE_BUSY` cannot occur between them. On PostgreSQL every unit is a separate transaction.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from misarmail_server.errors import Unavailable

Work = Callable[[Connection], Any]

RETRYABLE_STATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected
BATCH_SIZE = 64  # maximum number of units of work in one transaction


def is_outage(error: BaseException, engine: Engine) -> bool:
    """Whether the database was unreachable or unable to execute, as opposed to refusing a statement."""
    driver: Any = engine.dialect.loaded_dbapi
    cause = error.orig if isinstance(error, DBAPIError) else error
    # SQLite raises the base class itself for a file that is damaged or not a database.
    return isinstance(cause, driver.OperationalError) or type(cause) is driver.DatabaseError


def _is_retryable(error: BaseException) -> bool:
    """Whether the transaction lost a deadlock or a serialization conflict, so that a retry may succeed."""
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) in RETRYABLE_STATES


class OwnTransactions:
    """PostgreSQL: one transaction per unit of work; the server groups the commits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle = threading.Condition()
        self._running_count = 0
        self._is_closed = False

    def run(self, work: Work) -> Any:
        """Run the work and commit; retries once after a conflict with another unit of work."""
        with self._counted():
            is_last = False
            while True:
                try:
                    with self._engine.begin() as connection:
                        return work(connection)
                except Exception as error:
                    if is_last or not _is_retryable(error):
                        if is_outage(error, self._engine):
                            raise Unavailable from error
                        raise
                is_last = True

    def alter(self, work: Work) -> Any:
        """As `run`: PostgreSQL alters a table in place."""
        return self.run(work)

    def close(self) -> None:
        """Wait for running work to end; new work is refused."""
        with self._idle:
            self._is_closed = True
            self._idle.wait_for(lambda: self._running_count == 0)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            if self._is_closed:
                raise Unavailable
            self._running_count += 1
        try:
            yield
        finally:
            with self._idle:
                self._running_count -= 1
                self._idle.notify_all()


class _WriteJob:
    """One unit of work waiting for its commit. `wake` is locked until the job is done or its thread must lead."""

    __slots__ = ("error", "is_done", "result", "wake", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done = False
        self.wake = threading.Lock()
        self.wake.acquire()


class GroupCommit:
    """The only writer of a process on SQLite.

    The first waiting thread leads: it runs all waiting units in one transaction, each in a savepoint, commits once and wakes the
    others. Units that arrive meanwhile form the next batch, led by its first thread.
    """

    def __init__(self, engine: Engine, lock_path: Path) -> None:
        self._engine = engine
        self._lock_path = lock_path
        self._lock_file: Any = None
        self._connection: Connection | None = None
        self._mutex = threading.Lock()
        self._idle = threading.Condition(self._mutex)
        self._waiting: list[_WriteJob] = []
        self._is_led = False
        self._is_closed = False
        self._refusals = (SQLAlchemyError, engine.dialect.loaded_dbapi.Error, OSError)

    def run(self, work: Work) -> Any:
        """Queue the work, lead or wait, and return its result or raise its error."""
        job = _WriteJob(work)
        if not self._leads(job):
            self._wait(job)
        if not job.is_done:
            self._lead(job)
        if job.error is None:
            return job.result
        if is_outage(job.error, self._engine):
            raise Unavailable from job.error
        raise job.error

    def alter(self, work: Work) -> Any:
        """Run a change of tables alone. Raises BrokenReferenceError if it leaves a row that refers to a missing one.

        SQLite alters a table by copying and dropping it. With foreign keys on, the drop deletes the rows that refer to the table, and the
        pragma has no effect inside a transaction, so this needs a separate connection.
        """
        if self._is_closed:
            raise Unavailable
        try:
            with self._lock_path.open("a") as lock, self._engine.connect().execution_options(writes=True) as connection:
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
                fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
                with connection.begin():
                    result = work(connection)
                    _require_references(connection)
                return result
        except self._refusals as error:
            if is_outage(error, self._engine):
                raise Unavailable from error
            raise

    def close(self) -> None:
        """Write what is queued, then close the connection and the lock file; new work is refused."""
        with self._mutex:
            self._is_closed = True
            self._idle.wait_for(lambda: not self._is_led)
            self._disconnect()
            if self._lock_file is not None:
                self._lock_file.close()
                self._lock_file = None

    def _leads(self, job: _WriteJob) -> bool:
        """Queue a job; returns True if its thread must lead now."""
        with self._mutex:
            if self._is_closed:
                raise Unavailable
            self._waiting.append(job)
            leads, self._is_led = not self._is_led, True
        return leads

    def _wait(self, job: _WriteJob) -> None:
        try:
            job.wake.acquire()
        except BaseException:
            self._abandon(job)
            raise

    def _abandon(self, job: _WriteJob) -> None:
        """The waiting thread was interrupted: it will not lead, and its work is not started."""
        with self._mutex:
            if job in self._waiting:
                self._waiting.remove(job)
                if not job.wake.locked():  # it was chosen to lead
                    self._hand_over()

    def _lead(self, own: _WriteJob) -> None:
        with self._mutex:
            batch, self._waiting = self._waiting[:BATCH_SIZE], self._waiting[BATCH_SIZE:]
        try:
            self._commit(batch)
        finally:
            with self._mutex:
                self._hand_over()
            for job in batch:
                job.is_done = True
                if job is not own:
                    job.wake.release()

    def _hand_over(self) -> None:
        """Wake the thread that leads next, if any job waits. The mutex must be held."""
        self._is_led = bool(self._waiting)
        if self._is_led:
            self._waiting[0].wake.release()
        else:
            self._idle.notify_all()

    def _commit(self, batch: list[_WriteJob]) -> None:
        """Run and commit a batch; the failure of one unit must not affect another."""
        transaction = None
        try:
            with self._exclusive_connection() as connection, connection.begin() as transaction:
                for job in batch:
                    self._attempt(connection, job, alone=len(batch) == 1)
        except _RolledBackError:
            return
        except self._refusals as error:
            self._disconnect()
            if transaction is None:
                _fail(batch, Unavailable(), error)
            elif len(batch) == 1:
                _fail(batch, error)
            else:
                # One unit rolled the whole transaction back, for instance on a full disk; only that unit may fail.
                for job in batch:
                    self._commit([job])
        except BaseException as error:
            self._disconnect()
            _fail(batch, Unavailable(), error)
            raise

    @staticmethod
    def _attempt(connection: Connection, job: _WriteJob, *, alone: bool) -> None:
        """Run one unit in a savepoint; a single unit needs none, since its failure rolls the transaction back."""
        cursor = connection.connection.cursor()
        if not alone:
            cursor.execute("SAVEPOINT unit")
        job.error = None
        try:
            job.result = job.work(connection)
        except Exception as error:
            job.error = error
            if alone:
                raise _RolledBackError from error
            cursor.execute("ROLLBACK TO unit")
        if not alone:
            cursor.execute("RELEASE unit")

    @contextmanager
    def _exclusive_connection(self) -> Iterator[Connection]:
        """The writing connection, while no other process of this platform writes."""
        if self._lock_file is None:
            self._lock_file = self._lock_path.open("a")
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(writes=True)
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        try:
            yield self._connection
        finally:
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def _disconnect(self) -> None:
        """Discard a connection that failed; closing it rolls back its transaction."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class BrokenReferenceError(Exception):
    """A change of tables would leave a row that refers to a missing one."""


def _require_references(connection: Connection) -> None:
    """Raises BrokenReferenceError. https://www.sqlite.org/pragma.html#pragma_foreign_key_check."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BrokenReferenceError(f"row {broken[1]} of {broken[0]} refers to a missing row of {broken[2]}")


class _RolledBackError(Exception):
    """Leaves the transaction block so that it rolls back; the job holds the actual error."""


def _fail(batch: list[_WriteJob], error: BaseException, cause: BaseException | None = None) -> None:
    """The transaction was rolled back: nothing of the batch was stored."""
    for job in batch:
        job.error = job.error or error
        job.error.__cause__ = job.error.__cause__ or cause
