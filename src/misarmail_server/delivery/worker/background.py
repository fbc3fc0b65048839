"""What a worker does beside delivering, each on a thread of its own, again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from misarmail_server.errors import Unavailable

POLL_SECONDS = 0.5
FAULT_SECONDS = 5.0
log = structlog.get_logger()


class BackgroundTask:
    """Calls `work` at once while it finds something to do, else now and then. Whatever it raises, it is called again later."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        self._name = name
        self._work = work
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    @property
    def is_alive(self) -> bool:
        """Whether it is being done."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let what was begun end."""
        self._is_stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                found = self._work()
            except Unavailable:
                log.warning("a chore waits for the store", chore=self._name)
                found = None
            except Exception:  # a fault beside the delivery that nobody foresaw must not stop the delivery of mail
                log.exception("a chore could not be done", chore=self._name)
                found = None
                self._is_stopping.wait(FAULT_SECONDS)
            if not found:
                self._is_stopping.wait(POLL_SECONDS)
