"""The journal of many dialogues that share one thread: the lines of all that have come to theirs are one write and one flush."""

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
    """Used by the greenlets of one thread. A `dot` returns when its line is on the disk.

    That is when no dialogue has anything else to do, so one flush serves nearly all of them: it holds the thread, and costs less than
    to hand it over. A reply is written then as well, which is before the next dot of its dialogue: after a kill no more attempts are in
    doubt than there are dialogues.
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
        """As Journal.reply, soon."""
        self._replies.append((key, outcome))
        self._write_when_idle()

    def write(self) -> None:
        """Write what waits."""
        dots, self._dots = self._dots, []
        replies, self._replies = self._replies, []
        try:
            self._journal.replies(replies)
            self._write_dots([key for key, _ in dots])
        except Exception as error:  # whatever it is, those who wait must hear of it
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
