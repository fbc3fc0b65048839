"""Background tasks of a worker, each in a loop on its own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from misarmail_server.errors import Unavailable

POLL_SECONDS = 0.5
FAULT_SECONDS = 5.0
log = structlog.get_logger()


class BackgroundTask:
    """Calls `work` again at once while it returns true, else after a pause. An exception never ends the loop.

    `finish` is called at the end; it waits for what the calls have started.
    """

    def __init__(self, name: str, work: Callable[[], object], finish: Callable[[], object] = lambda: None) -> None:
        self._finish = finish
        self._name = name
        self._work = work
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    @property
    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the current call and all that it started to end."""
        self._is_stopping.set()
        self._thread.join()
        self._finish()

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                has_more = self._work()
            except Unavailable:
                log.warning("a background task waits for the database", task=self._name)
                has_more = None
            except Exception:  # an unexpected fault of a background task must not stop the delivery of mail
                log.exception("a background task failed", task=self._name)
                has_more = None
                self._is_stopping.wait(FAULT_SECONDS)
            if not has_more:
                self._is_stopping.wait(POLL_SECONDS)
