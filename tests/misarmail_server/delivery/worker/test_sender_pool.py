"""The sender pool of one thread: woken from other threads, noticed when one member fails, and with one flush for all."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import gevent
import pytest

from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import journal
from misarmail_server.delivery.queue.journal import AttemptKey, Journal
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.worker.buffer import LeaseBuffer
from misarmail_server.delivery.worker.sender_pool import GreenletSenders
from tests.support.waiting import until

OWNER = "host:1:2"
COUNT = 5
DELIVERED = Outcome("delivered", 250, "ok")


def leased(number: int) -> Leased:
    return Leased(number, "msg_1", "acc_1", "user@example.com", 1, OWNER, 0, 0, is_sandbox=False, priority=0)


def run(folder: Path, work: Callable[[GreenletSenders, int], None]) -> None:
    """Have each member of a pool do the work once, and wait for them."""
    numbers = iter(range(1, COUNT + 1))
    pool = GreenletSenders(COUNT, lambda: work(pool, next(numbers)), Journal(folder, OWNER))
    pool.start()
    pool.join()


def test_rows_that_another_thread_puts_wake_those_who_wait(tmp_path: Path) -> None:
    taken: list[int] = []

    def work() -> None:
        while (row := rows.get(60.0)) is not None:
            taken.append(row.id)

    pool = GreenletSenders(COUNT, work, Journal(tmp_path, OWNER))
    rows = LeaseBuffer(pool.news)
    pool.start()
    for number in range(200):
        rows.put(leased(number))
    for _ in range(COUNT):
        rows.put(None)
    pool.join()
    assert sorted(taken) == list(range(200))


def test_one_that_falls_leaves_the_others_their_work(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fallen, seen, done = threading.Event(), threading.Event(), []

    def work() -> None:
        if not fallen.is_set():
            fallen.set()
            raise LookupError
        while not seen.is_set():
            gevent.sleep(0.01)
        done.append(1)

    pool = GreenletSenders(COUNT, work, Journal(tmp_path, OWNER))
    pool.start()
    until(lambda: not pool.is_complete)
    seen.set()
    pool.join()
    assert len(done) == COUNT - 1
    assert "LookupError" in capfd.readouterr().err


def test_a_line_that_cannot_be_made_is_told_to_who_waits_for_it(tmp_path: Path) -> None:
    refused: list[str] = []

    def work(pool: GreenletSenders, number: int) -> None:
        pool.lines.reply(AttemptKey(number, 1), Outcome("delivered", 250, "\ud800"))  # no text that can be encoded
        with pytest.raises(UnicodeEncodeError):
            pool.lines.dot(AttemptKey(number, 2))
        refused.append("told")

    run(tmp_path, work)
    assert refused == ["told"] * COUNT


def test_dots_of_all_are_written_together_and_before_they_go_on(tmp_path: Path) -> None:
    known: list[set[AttemptKey]] = []

    def work(pool: GreenletSenders, number: int) -> None:
        pool.lines.dot(AttemptKey(number, 1))
        known.append(set(journal.read(tmp_path, OWNER)))

    run(tmp_path, work)
    assert known == [{AttemptKey(number, 1) for number in range(1, COUNT + 1)}] * COUNT


def test_a_reply_is_written_before_the_next_dot_of_its_dialogue(tmp_path: Path) -> None:
    known: list[object] = []

    def work(pool: GreenletSenders, number: int) -> None:
        pool.lines.dot(AttemptKey(number, 1))
        pool.lines.reply(AttemptKey(number, 1), DELIVERED)
        pool.lines.dot(AttemptKey(number, 2))
        known.append(journal.read(tmp_path, OWNER)[AttemptKey(number, 1)])

    run(tmp_path, work)
    assert known == [DELIVERED] * COUNT


def test_a_dot_that_cannot_be_written_is_refused_to_each(tmp_path: Path) -> None:
    refused: list[int | None] = []
    (tmp_path / f"{quote(OWNER)}.1").symlink_to("/dev/full")

    def work(pool: GreenletSenders, number: int) -> None:
        with pytest.raises(OSError, match="No space") as error:
            pool.lines.dot(AttemptKey(number, 1))
        refused.append(error.value.errno)

    run(tmp_path, work)
    assert refused == [errno.ENOSPC] * COUNT
