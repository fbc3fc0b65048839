"""Open connections to receivers that wait for the next mail to the same host, shared by all threads."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass

from misarmail_server.delivery.envelope import SourceAddress
from misarmail_server.delivery.smtp.client import SmtpClient

IDLE_SECONDS = 15.0  # about when receivers close; longer would occupy their connections
MAX_IDLE = 200


@dataclass(frozen=True, slots=True)
class ConnectionKey:
    """A connection is reused only for the same host, security and source address."""

    provider: str
    host: str
    safety: str
    source: SourceAddress | None


class ConnectionPool:
    """Idle connections, and the number of all connections of each provider. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: OrderedDict[SmtpClient, tuple[ConnectionKey, float]] = OrderedDict()  # with the end of its idle time; oldest first
        self._open: Counter[str] = Counter()

    def take(self, key: ConnectionKey, until: float) -> SmtpClient | None:
        """An idle connection that is still open, for this caller alone."""
        while (client := self._pop(key)) is not None:
            if client.wire.is_quiet():
                client.wire.until = until
                return client
            self.close(client, key)
        return None

    def make_room(self, provider: str, most: int) -> None:
        """Reserve one more connection to a provider; closes an idle one to another of its hosts if there would be too many."""
        with self._lock:
            self._open[provider] += 1
            idle = [client for client, (key, _) in self._idle.items() if key.provider == provider]
            surplus = [(client, self._idle.pop(client)[0]) for client in idle[: max(0, self._open[provider] - most)]]
        for client, key in surplus:
            self.close(client, key)

    def cancel(self, provider: str) -> None:
        """Release a reservation: no connection was opened."""
        with self._lock:
            self._open[provider] -= 1
            if self._open[provider] <= 0:
                del self._open[provider]

    def put(self, client: SmtpClient, key: ConnectionKey) -> None:
        """Keep a connection for the next mail."""
        with self._lock:
            self._idle[client] = (key, time.monotonic() + IDLE_SECONDS)
            gone = self._overdue()
        for idle, idle_key in gone:
            self.close(idle, idle_key)

    def close(self, client: SmtpClient, key: ConnectionKey, *, politely: bool = True) -> None:
        """Close a connection."""
        self.cancel(key.provider)
        if politely and not client.is_spent:
            client.wire.until = time.monotonic() + 1.0
            client.leave(0)
        else:
            client.wire.close()

    def close_idle(self) -> None:
        """Close all idle connections."""
        with self._lock:
            gone = [(client, key) for client, (key, _) in self._idle.items()]
            self._idle.clear()
        for client, key in gone:
            self.close(client, key)

    def _overdue(self) -> list[tuple[SmtpClient, ConnectionKey]]:
        """Remove and return the connections that were idle too long, and the oldest one if there are too many."""
        gone: list[tuple[SmtpClient, ConnectionKey]] = []
        while True:
            client, (key, until) = next(iter(self._idle.items()))
            if len(self._idle) <= MAX_IDLE and time.monotonic() < until:
                return gone
            del self._idle[client]
            gone.append((client, key))

    def _pop(self, key: ConnectionKey) -> SmtpClient | None:
        """The most recently used connection of a key."""
        with self._lock:
            client = next((client for client, (of, _) in reversed(self._idle.items()) if of == key), None)
            if client is not None:
                del self._idle[client]
            return client
