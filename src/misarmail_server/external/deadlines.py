"""One deadline for a whole conversation with another server, whatever the number of addresses, handshakes and lines."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self


class Deadline:
    """A number of seconds from now. After them it shuts the watched connection, which wakes up the thread that waits on it.

    A socket's timeout restarts with each byte that arrives; this one does not. Use it as a context manager.
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
        """Seconds that are left; 0 when the deadline has passed."""
        return max(0.0, self._ends_at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed, so that the data of the other side may be incomplete."""
        return self.left == 0

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection at the deadline, also if it has passed already. TLS may be added to the connection afterwards."""
        with self._lock:
            # A separate descriptor: TLS takes over that of the plain socket.
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
