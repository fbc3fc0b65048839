"""The store: shared commits, no partial writes, isolated failures, and one sentence when the database is unreachable."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.db.writers import GroupCommit
from misarmail_server.errors import NotFound, Unavailable
from tests.conftest import Make
from tests.support import hammer
from tests.support.notes import run_sql, say, stored_words
from tests.support.waiting import until

HAMMER = Path(hammer.__file__)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/notes.db"


@pytest.fixture
def notes(url: str) -> Iterator[Store]:
    """A SQLite store with one table."""
    store = Store(url)
    store.write(lambda connection: run_sql(connection, "CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE)"))
    yield store
    store.close()


def outcome(future: Future[Any]) -> Any:
    """The result of a unit, or the type of its exception."""
    return type(future.exception()) if future.exception() else future.result()


class Together:
    """Runs units of work in one batch: a first unit holds the writer until all the others wait."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.commit_count = 0
        event.listen(store.engine, "commit", self._count)

    def run(self, *works: Callable[[Connection], Any]) -> list[Any]:
        with ThreadPoolExecutor(len(works)) as pool, self.held():
            futures: list[Future[Any]] = []
            for work in works:  # one by one, so that their order is known
                futures.append(pool.submit(self._store.write, work))
                until(self.waiting_count, lambda count: count == len(futures))
        return [outcome(future) for future in futures]

    @contextmanager
    def held(self) -> Iterator[None]:
        """The writer is busy with another thread's unit."""
        is_held, may_end = threading.Event(), threading.Event()

        def hold(_connection: Connection) -> None:
            is_held.set()
            assert may_end.wait(30)

        holder = threading.Thread(target=self._store.write, args=(hold,))
        holder.start()
        assert is_held.wait(30)
        try:
            yield
        finally:
            may_end.set()
            holder.join()

    def waiting_count(self) -> int:
        writer = self._store._writer  # noqa: SLF001 - that a thread waits cannot be seen from outside
        assert isinstance(writer, GroupCommit)
        return len(writer._waiting)  # noqa: SLF001 - see above

    def _count(self, _connection: Connection) -> None:
        self.commit_count += 1


@pytest.fixture
def together(notes: Store) -> Together:
    return Together(notes)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt, even if the tests run in the background of a shell that ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_write_is_visible_to_others_once_it_returned(store: Store, make: Make) -> None:
    account_id = make.account("ada@example.com")

    with closing(Store(store.url.render_as_string(hide_password=False))) as other, other.read() as connection:
        assert connection.scalar(select(tables.Account.id)) == account_id


def test_write_that_raises_stores_nothing(store: Store, make: Make) -> None:
    def work(connection: Connection) -> None:
        connection.execute(insert(tables.Account).values(id="acc_1", email="ada@example.com", plan="free", senders="any", created_at=1))
        raise NotFound("friend", "Ada")

    with pytest.raises(NotFound, match="There is no friend Ada"):
        store.write(work)

    assert make.count(tables.Account) == 0


def test_write_raises_what_the_database_refuses(make: Make) -> None:
    make.account("ada@example.com")

    with pytest.raises(IntegrityError):
        make.account("ada@example.com")

    assert make.count(tables.Account) == 1


def test_writes_at_once_share_a_commit(notes: Store, together: Together) -> None:
    words = [f"word {number}" for number in range(20)]

    results = together.run(*map(say, words))

    assert (results, stored_words(notes)) == (words, words)
    assert together.commit_count == 2  # the unit that held the writer, and the batch


def test_write_that_raises_in_a_batch_disturbs_no_other(notes: Store, together: Together) -> None:
    def fail(connection: Connection) -> None:
        say("never")(connection)
        raise ValueError

    results = together.run(say("first"), fail, say("first"), say("last"))

    assert results == ["first", ValueError, IntegrityError, "last"]
    assert (stored_words(notes), together.commit_count) == (["first", "last"], 2)


class OfNotes(DeclarativeBase):
    """The one table, for the ORM."""


class Note(OfNotes):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str]


def roll_back_everything(connection: Connection) -> None:
    transaction = connection.get_transaction()
    assert transaction is not None
    transaction.rollback()
    say("outside of any transaction")(connection)


def fail_in_the_orm(connection: Connection) -> None:
    with Session(connection, join_transaction_mode="rollback_only") as session:
        session.add(Note(words="first"))
        session.flush()


def break_a_promise(connection: Connection) -> None:
    """A write that is refused only by the commit."""
    run_sql(connection, "PRAGMA defer_foreign_keys=ON")
    run_sql(connection, "INSERT INTO answers (note_id) VALUES (99)")


@pytest.mark.parametrize(
    ("culprit", "error"),
    [
        (roll_back_everything, "InvalidRequestError"),
        (fail_in_the_orm, "IntegrityError"),
        (break_a_promise, "IntegrityError"),
    ],
)
def test_write_that_undoes_its_batch_harms_only_itself(notes: Store, together: Together, culprit: Any, error: str) -> None:
    notes.write(lambda connection: run_sql(connection, "CREATE TABLE answers (note_id INTEGER NOT NULL REFERENCES notes (id))"))

    results = together.run(say("first"), culprit, say("last"))

    assert [results[0], results[1].__name__, results[2]] == ["first", error, "last"]
    assert stored_words(notes) == ["first", "last"]
    assert notes.write(say("afterwards")) == "afterwards"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_write_that_is_too_large_for_the_disk_harms_only_itself(notes: Store, together: Together, tmp_path: Path) -> None:
    with files_of_at_most((tmp_path / "notes.db-wal").stat().st_size + 200_000):
        results = together.run(say("first"), say("x" * 2_000_000), say("last"))

    assert results == ["first", Unavailable, "last"]
    assert stored_words(notes) == ["first", "last"]


def test_write_that_cannot_be_committed_is_refused_with_its_batch(notes: Store, together: Together, tmp_path: Path) -> None:
    notes.write(say("before"))

    with files_of_at_most((tmp_path / "notes.db-wal").stat().st_size):
        results = together.run(say("first"), say("last"))

    assert results == [Unavailable, Unavailable]
    assert notes.write(say("afterwards")) == "afterwards"
    assert stored_words(notes) == ["before", "afterwards"]


def test_write_that_is_interrupted_keeps_the_writer_usable(notes: Store, together: Together) -> None:
    def interrupt(connection: Connection) -> None:
        say("never")(connection)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notes.write(interrupt)
    assert notes.write(say("first")) == "first"

    results = together.run(interrupt, say("never either"))

    assert results == [KeyboardInterrupt, Unavailable]
    assert notes.write(say("last")) == "last"
    assert stored_words(notes) == ["first", "last"]


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.usefixtures("interruptible")
def test_write_that_is_interrupted_while_it_waits_does_not_block_others(notes: Store, together: Together, others: int) -> None:
    with ThreadPoolExecutor() as pool:
        with together.held():

            def interrupt() -> None:
                until(together.waiting_count)
                os.kill(os.getpid(), signal.SIGINT)

            interrupter = pool.submit(interrupt)
            with pytest.raises(KeyboardInterrupt):
                notes.write(say("never"))
            interrupter.result()
            waiting = [pool.submit(notes.write, say(f"other {number}")) for number in range(others)]
        results = [future.result(30) for future in waiting]

    assert notes.write(say("last")) == "last"
    assert stored_words(notes) == [*results, "last"]


def test_write_waits_for_a_foreign_writer_only_so_long(notes: Store, tmp_path: Path) -> None:
    notes.write(lambda connection: run_sql(connection, "PRAGMA busy_timeout=50"))

    with closing(sqlite3.connect(tmp_path / "notes.db", isolation_level=None)) as backup:
        backup.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            notes.write(say("never"))
        assert stored_words(notes) == []
        backup.execute("ROLLBACK")

    assert notes.write(say("afterwards")) == "afterwards"


@contextmanager
def hammering(url: str, name: str, count: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, HAMMER, url, name, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def crowd(url: str) -> Iterator[Store]:
    """A SQLite store whose rows may be alike."""
    store = Store(url)
    store.write(lambda connection: run_sql(connection, "CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT)"))
    yield store
    store.close()


def test_processes_that_write_at_once_never_find_the_database_busy(crowd: Store, url: str) -> None:
    with hammering(url, "a", 400) as first, hammering(url, "b", 400) as second:
        results = [process.communicate(timeout=60) for process in (first, second)]

    assert results == [("401\n", ""), ("401\n", "")]
    assert sorted(stored_words(crowd)) == ["a"] * 401 + ["b"] * 401


def test_a_process_gets_its_turn_while_another_writes_without_a_pause(crowd: Store, url: str) -> None:
    work = say("api")
    with hammering(url, "worker", 0) as worker, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: crowd.write(work), range(5_000)))
        count, complaints = worker.communicate(timeout=60)

    assert complaints == ""
    assert stored_words(crowd).count("worker") == int(count) > 100


def test_close_finishes_running_writes_and_refuses_others(notes: Store, together: Together, url: str) -> None:
    with ThreadPoolExecutor() as pool:
        with together.held():
            last = pool.submit(notes.write, say("last"))
            until(together.waiting_count)
            closed = pool.submit(notes.close)
        assert (last.result(30), closed.result(30)) == ("last", None)

    for use in (lambda: notes.write(say("never")), lambda: stored_words(notes)):
        with pytest.raises(Unavailable):
            ThreadPoolExecutor().submit(use).result()
    with closing(Store(url)) as other:
        assert stored_words(other) == ["last"]
