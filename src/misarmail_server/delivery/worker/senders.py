"""Who carries on the dialogues: a thread for each, or greenlets of one thread.

Threads that all want the interpreter hand it to each other with every read and write; greenlets need not, which costs a third less
processor time. Direct delivery keeps threads: its resolver and its checks of certificates block.
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
    """The journal, as a dialogue sees it."""

    def dot(self, key: AttemptKey) -> None:
        """The final dot is about to be sent; raises OSError when it must not be."""

    def reply(self, key: AttemptKey, outcome: Outcome) -> None:
        """The receiver answered."""


class SenderPool(Protocol):
    """Several that run the same work until each comes back from it."""

    @property
    def news(self) -> Bell:
        """What they may wait on, and any thread may notify."""

    @property
    def lines(self) -> JournalLines:
        """The journal that is theirs to write."""

    @property
    def is_complete(self) -> bool:
        """Whether all are at work."""

    def start(self) -> None:
        """Begin."""

    def join(self) -> None:
        """Wait until all have come back."""


class ThreadSenders:
    """A thread for each."""

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
        """Wait for them."""
        for thread in self._threads:
            thread.join()


class GreenletSenders:
    """Greenlets of one thread. Their work may block on nothing but gevent's sockets, `news`, `lines`, and for a moment the store."""

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
        """Wait for it."""
        self._thread.join()

    def _run(self) -> None:
        """One that falls leaves the others their dialogues: whoever sees that the crew is not complete has them end."""
        self._greenlets = [gevent.spawn(self._work) for _ in range(self._count)]
        gevent.joinall(self._greenlets)
        self._joint.write()


class _HubCondition:
    """A condition that greenlets of one thread wait on and any thread notifies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # never held while waiting, and never long
        self._waiting: list[Event] = []
        self._ring: Callable[[], None] | None = None  # of the loop of those who wait

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_exception: object) -> None:
        self._lock.release()

    def wait(self, timeout: float | None = None) -> bool:
        """Let go of the lock until somebody notifies, or for so many seconds."""
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
        """Wake all who wait: which of them is to have the news they find out themselves."""
        if self._ring is not None:
            self._ring()

    def _make_bell(self) -> Callable[[], None]:
        watcher = gevent.get_hub().loop.async_()  # its `send` is what other threads may call
        watcher.start(self._wake)
        return watcher.send

    def _wake(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for heard in waiting:
            heard.set()
