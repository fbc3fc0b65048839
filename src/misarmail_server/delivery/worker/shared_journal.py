"""The journal of many sessions in one thread: the lines of all waiting sessions are one write and one flush."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import gevent
import structlog
from gevent.event import AsyncResult

from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue.journal import AttemptKey, Journal

log = structlog.get_logger()


class SharedJournal:
    """Used by the greenlets of one thread. `dot` returns when its line is on the disk.

    Lines are written when no session has anything else to do, so one flush serves nearly all of them. It blocks the thread, which costs
    less than a switch of threads. Replies are written with them, before the next dot of the same session: after a kill at most one attempt
    of each session is ambiguous.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._dots: list[tuple[AttemptKey, AsyncResult[None]]] = []
        self._replies: list[tuple[AttemptKey, Outcome]] = []

    def dot(self, key: AttemptKey) -> None:
        """As Journal.dot."""
        written: AsyncResult[None] = AsyncResult()
        self._dots.append((key, written))
        self._write_when_idle()
        written.get()

    def reply(self, key: AttemptKey, outcome: Outcome) -> None:
        """As Journal.reply, with a delay."""
        self._replies.append((key, outcome))
        self._write_when_idle()

    def write(self) -> None:
        """Write the waiting lines."""
        dots, self._dots = self._dots, []
        replies, self._replies = self._replies, []
        try:
            self._journal.replies(replies)
            self._write_dots([key for key, _ in dots])
        except Exception as error:  # every waiting session must learn of any fault
            if not isinstance(error, OSError):
                log.exception("the journal cannot be written")
            for _, written in dots:
                written.set_exception(error)
        else:
            for _, written in dots:
                written.set()

    @cached_property
    def _write_when_idle(self) -> Callable[[], None]:
        idle = gevent.get_hub().loop.idle()

        def write() -> None:
            idle.stop()
            self.write()

        return lambda: idle.start(write)

    def _write_dots(self, keys: list[AttemptKey]) -> None:
        if keys:
            self._journal.flush(self._journal.mark(keys))
            self._journal.go(keys)
