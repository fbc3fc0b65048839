"""Connections to receivers that wait for the next mail to the same host, shared by all threads."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass

from misarmail_server.delivery.envelope import SourceAddress
from misarmail_server.delivery.smtp.client import SmtpClient

IDLE_SECONDS = 15.0  # receivers close about then, and it is unkind to hold what others need
MAX_IDLE = 200


@dataclass(frozen=True, slots=True)
class ConnectionKey:
    """A connection serves another mail only where host, safety and our own address are the same."""

    provider: str
    host: str
    safety: str
    source: SourceAddress | None


class ConnectionPool:
    """Open connections without work, and how many each provider has in all. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: OrderedDict[SmtpClient, tuple[ConnectionKey, float]] = OrderedDict()  # until when; the longest idle first
        self._open: Counter[str] = Counter()

    def take(self, key: ConnectionKey, until: float) -> SmtpClient | None:
        """A connection that still stands, for the caller alone."""
        while (client := self._pop(key)) is not None:
            if client.wire.is_quiet():
                client.wire.until = until
                return client
            self.close(client, key)
        return None

    def make_room(self, provider: str, most: int) -> None:
        """Have one more connection to a provider: an idle one to another host goes where it would be too many."""
        with self._lock:
            self._open[provider] += 1
            idle = [client for client, (key, _) in self._idle.items() if key.provider == provider]
            surplus = [(client, self._idle.pop(client)[0]) for client in idle[: max(0, self._open[provider] - most)]]
        for client, key in surplus:
            self.close(client, key)

    def cancel(self, provider: str) -> None:
        """There is no connection after all."""
        with self._lock:
            self._open[provider] -= 1
            if self._open[provider] <= 0:
                del self._open[provider]

    def put(self, client: SmtpClient, key: ConnectionKey) -> None:
        """Keep a connection for the next mail."""
        with self._lock:
            self._idle[client] = (key, time.monotonic() + IDLE_SECONDS)
            gone = self._overdue()
        for one, of in gone:
            self.close(one, of)

    def close(self, client: SmtpClient, key: ConnectionKey, *, politely: bool = True) -> None:
        """Give a connection up."""
        self.cancel(key.provider)
        if politely and not client.is_spent:
            client.wire.until = time.monotonic() + 1.0
            client.leave(0)
        else:
            client.wire.close()

    def close_idle(self) -> None:
        """Give up all that wait."""
        with self._lock:
            gone = [(client, key) for client, (key, _) in self._idle.items()]
            self._idle.clear()
        for client, key in gone:
            self.close(client, key)

    def _overdue(self) -> list[tuple[SmtpClient, ConnectionKey]]:
        """Those that waited too long, and the one that waited longest where there are too many; they are nobody's any more."""
        gone: list[tuple[SmtpClient, ConnectionKey]] = []
        while True:
            client, (key, until) = next(iter(self._idle.items()))
            if len(self._idle) <= MAX_IDLE and time.monotonic() < until:
                return gone
            del self._idle[client]
            gone.append((client, key))

    def _pop(self, key: ConnectionKey) -> SmtpClient | None:
        """The connection of that key that was used last."""
        with self._lock:
            client = next((client for client, (of, _) in reversed(self._idle.items()) if of == key), None)
            if client is not None:
                del self._idle[client]
            return client
