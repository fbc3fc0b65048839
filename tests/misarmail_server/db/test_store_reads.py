"""Reads of the store: one snapshot, no writes, and connections that are released and closed with it."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import DBAPIError

from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from tests.conftest import Make
from tests.support.postgresql import own_database


def test_read_sees_one_snapshot(store: Store, make: Make) -> None:
    make.account("first@example.com")

    with store.read() as connection:
        before = connection.scalar(select(func.count()).select_from(tables.Account))
        with ThreadPoolExecutor() as pool:
            pool.submit(make.account, "second@example.com").result()
        after = connection.scalar(select(func.count()).select_from(tables.Account))

    assert (before, after, make.count(tables.Account)) == (1, 1, 2)


def test_read_cannot_write(store: Store, make: Make) -> None:
    row = {"id": "acc_1", "email": "ada@example.com", "plan": "free", "senders": "any", "created_at": 1}

    with pytest.raises((Unavailable, DBAPIError)), store.read() as connection:
        connection.execute(insert(tables.Account).values(row))

    assert make.count(tables.Account) == 0


def test_connections_of_ended_threads_are_given_back(store: Store) -> None:
    for _ in range(40):
        thread = threading.Thread(target=look, args=(store,))
        thread.start()
        thread.join()
    gc.collect()

    if own_database():
        pool: Any = store.engine.pool
        assert pool.checkedout() <= 2
    else:
        opened = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        assert opened.count(Path(store.url.database or "")) <= 2


def look(store: Store) -> None:
    with store.read() as connection:
        connection.scalar(select(func.count()).select_from(tables.Account))
    store.fetch_one(Prepared(select(tables.Account.id)), {})


def test_threads_that_end_close_no_connection(store: Store) -> None:
    """Closing a connection while its thread dies crashes the process if the thread is not Python's, as with granian."""
    opened: list[int] = []
    closed: list[int] = []
    event.listen(store.engine, "connect", lambda *_: opened.append(threading.get_native_id()))
    event.listen(store.engine, "checkin", lambda *_: closed.append(threading.get_native_id()))

    for _ in range(3):
        thread = threading.Thread(target=look, args=(store,))
        thread.start()
        thread.join()
        gc.collect()

    assert (len(opened), closed) == (1, [])


def test_reads_at_once_have_a_connection_each(store: Store, make: Make) -> None:
    make.account("ada@example.com")
    with store.read() as first, store.read() as second:
        assert first is not second
    with store.read() as third, store.read() as fourth:
        assert {third, fourth} == {first, second}


def test_close_ends_a_read_that_runs_when_it_is_over(store: Store) -> None:
    with store.read() as connection:
        store.close()
        assert connection.scalar(select(func.count()).select_from(tables.Account)) == 0

    assert connection.closed
    with pytest.raises(Unavailable):
        look(store)
