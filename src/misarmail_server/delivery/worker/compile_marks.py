"""Marks of the message that a worker of this machine compiles, so that a message that ends its worker is not tried forever.

A mark is a file with the names of the message and the worker. A worker that dies, for want of memory or by a fault in a library, leaves it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.queue import owners

MAX_DEATHS = 2
SMALL = 100_000  # characters of transactional texts, which are only encoded, and need no mark
REFUSAL = "Two workers ended while they prepared this mail; it is not tried again"


class CompileMarks:
    """The marks of one worker. Thread-safe: messages are compiled one at a time, so that one message is blamed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = quote(owners.own_name(), safe="")
        self._lock = threading.Lock()

    @contextmanager
    def compiling(self, message: StoredMessage) -> Iterator[None]:
        """Mark the message while it is compiled. Raises Unsendable for one that two workers did not survive."""
        if not _is_marked(message):
            yield
            return
        with self._lock:
            self._require_few_deaths(message.id)
            mark = self._folder / f"{message.id}.{self._owner}"
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                mark.touch(mode=0o600)
            except OSError:  # a full disk must not stop mail
                yield
                return
            try:
                yield
            finally:
                mark.unlink(missing_ok=True)

    def _require_few_deaths(self, message_id: str) -> None:
        left = [unquote(path.name.partition(".")[2]) for path in self._folder.glob(f"{message_id}.*")]
        if sum(map(owners.is_dead, left)) >= MAX_DEATHS:
            raise Unsendable(REFUSAL)


def _is_marked(message: StoredMessage) -> bool:
    return message.stream == "marketing" or len(message.html or "") + len(message.text or "") > SMALL
