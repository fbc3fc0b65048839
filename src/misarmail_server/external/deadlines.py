"""One deadline over a whole conversation with somebody else's server, however many addresses, handshakes and lines it takes."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self


class Deadline:
    """So many seconds from its making. Past them it shuts the connection that it watches, and whoever waits for the other side wakes up.

    A time-out of a socket counts anew with each byte that comes; this does not. Leave it as a context manager.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends_at = time.monotonic() + seconds
        self._watched: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        """Seconds that are left; 0 when it is over."""
        return max(0.0, self._ends_at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether what the other side said may have been cut."""
        return self.left == 0

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection when the time is over, also when it is over by now. TLS may be put on it afterwards."""
        with self._lock:
            # A descriptor of its own: TLS takes that of the plain socket away.
            self._watched = connection.dup()
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            if self._watched is not None:
                try:
                    self._watched.shutdown(socket.SHUT_RDWR)
                except OSError:  # it is closed already
                    return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            if self._watched is not None:
                self._watched.close()
                self._watched = None
