"""The senders of a worker: threads, or greenlets of one thread, that run the SMTP sessions.

Threads that compete for the interpreter switch with every read and write; greenlets do not, which saves a third of the processor time.
Direct delivery uses threads, because its resolver and its certificate checks block.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import gevent
from gevent.event import Event

from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue.journal import AttemptKey, Journal
from misarmail_server.delivery.worker.buffer import Bell
from misarmail_server.delivery.worker.shared_journal import SharedJournal


class JournalLines(Protocol):
    """The journal as a sender uses it."""

    def dot(self, key: AttemptKey) -> None:
        """Record that the final dot is about to be sent; raises OSError if it must not be sent."""

    def reply(self, key: AttemptKey, outcome: Outcome) -> None:
        """Record the outcome of an attempt."""


class SenderPool(Protocol):
    """Several senders that run the same work until it returns."""

    @property
    def news(self) -> Bell:
        """The condition that senders wait on and that any thread may notify."""

    @property
    def lines(self) -> JournalLines:
        """The journal that the senders write."""

    @property
    def is_complete(self) -> bool:
        """Whether all senders are running."""

    def start(self) -> None:
        """Start all senders."""

    def join(self) -> None:
        """Wait until all senders have returned."""


class ThreadSenders:
    """One thread for each sender."""

    def __init__(self, count: int, work: Callable[[], None], journal: Journal) -> None:
        self.news: Bell = threading.Condition()
        self.lines: JournalLines = journal
        self._threads = [threading.Thread(target=work, name=f"delivery-{number}") for number in range(count)]

    @property
    def is_complete(self) -> bool:
        """Whether all threads are alive."""
        return all(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for the threads."""
        for thread in self._threads:
            thread.join()


class GreenletSenders:
    """One greenlet for each sender, all in one thread.

    They may block only on gevent's sockets, `news`, `lines`, and briefly the database.
    """

    def __init__(self, count: int, work: Callable[[], None], journal: Journal) -> None:
        self.news: Bell = _HubCondition()
        self._joint = SharedJournal(journal)
        self.lines: JournalLines = self._joint
        self._count = count
        self._work = work
        self._greenlets: list[gevent.Greenlet[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="delivery")

    @property
    def is_complete(self) -> bool:
        """Whether no greenlet has ended."""
        return self._thread.is_alive() and not any(greenlet.dead for greenlet in self._greenlets)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the thread."""
        self._thread.join()

    def _run(self) -> None:
        """An exception in one greenlet leaves the other sessions alone.

        The worker sees that the pool is incomplete and ends it in order.
        """
        self._greenlets = [gevent.spawn(self._work) for _ in range(self._count)]
        gevent.joinall(self._greenlets)
        self._joint.write()


class _HubCondition:
    """A condition that greenlets of one thread wait on and any thread notifies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # never held while waiting
        self._waiting: list[Event] = []
        self._ring: Callable[[], None] | None = None  # wakes the loop of the waiting greenlets

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_exception: object) -> None:
        self._lock.release()

    def wait(self, timeout: float | None = None) -> bool:
        """Release the lock until notified, or for at most `timeout` seconds."""
        if self._ring is None:
            self._ring = self._make_bell()
        heard = Event()
        self._waiting.append(heard)
        self._lock.release()
        try:
            return heard.wait(timeout)
        finally:
            self._lock.acquire()
            if heard in self._waiting:
                self._waiting.remove(heard)

    def notify(self) -> None:
        """Wake all waiting greenlets; each checks whether there is work for it."""
        if self._ring is not None:
            self._ring()

    def _make_bell(self) -> Callable[[], None]:
        watcher = gevent.get_hub().loop.async_()  # only its `send` may be called from other threads
        watcher.start(self._wake)
        return watcher.send

    def _wake(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for heard in waiting:
            heard.set()
