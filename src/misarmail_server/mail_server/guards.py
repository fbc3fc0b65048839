"""Limits for unknown clients: connections, memory and failed logins, in the memory of the one listening process."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from misarmail_server.external.client_networks import network, wide_network

MAX_CONNECTIONS = 400
MAX_PER_ADDRESS = 20
MAX_PER_NETWORK = 60
PRESSED = 0.5  # of all connections; from there on idle ones are closed soon
MAX_BYTES = 100_000_000
MAX_FAILURES = 10
FAILURES_SECONDS = 900.0
MAX_REMEMBERED = 10_000


class OpenConnection(Protocol):
    """A counted connection."""

    @property
    def idle_since(self) -> float:
        """When its client last sent something."""

    def give_up(self) -> None:
        """Close it in favour of a new one."""


class ConnectionLimits:
    """The open connections: in all, of each address, and of each network (/24 or /48).

    When all are taken, a client whose network has fewer of them replaces the idlest connection of the network that has the most.
    """

    def __init__(self, most: int = MAX_CONNECTIONS, most_of_one: int = MAX_PER_ADDRESS, most_of_network: int = MAX_PER_NETWORK) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._most_of_network = most_of_network
        self._addresses: Counter[str] = Counter()
        self._networks: dict[str, list[OpenConnection]] = {}

    @property
    def is_pressed(self) -> bool:
        """Whether more than half of the connections are open, so that idle ones are closed early."""
        return self._addresses.total() >= self._most * PRESSED

    def enter(self, peer: str, connection: OpenConnection) -> bool:
        """Count a new connection; False if it is one too many, which is not counted."""
        name, wide = network(peer), wide_network(peer)
        if self._addresses[name] >= self._most_of_one or len(self._networks.get(wide, ())) >= self._most_of_network:
            return False
        if self._addresses.total() >= self._most and not self._makes_room(wide):
            return False
        self._addresses[name] += 1
        self._networks.setdefault(wide, []).append(connection)
        return True

    def leave(self, peer: str, connection: OpenConnection) -> None:
        """Count a closed connection."""
        name, wide = network(peer), wide_network(peer)
        self._addresses[name] -= 1
        if not self._addresses[name]:
            del self._addresses[name]
        self._networks[wide].remove(connection)
        if not self._networks[wide]:
            del self._networks[wide]

    def _makes_room(self, wide: str) -> bool:
        """Closes one connection. It is counted until it is closed, so the total may exceed the limit for a moment."""
        crowd = max(self._networks.values(), key=len)
        if len(crowd) <= len(self._networks.get(wide, ())) + 1:
            return False
        idlest = min(crowd, key=lambda connection: connection.idle_since)
        if math.isinf(idlest.idle_since):
            return False
        idlest.give_up()
        return True


class BufferedBytes:
    """The bytes of content that all connections hold at a time: memory is what unknown clients could exhaust."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        self._free = most

    def take(self, count: int) -> bool:
        """Reserve bytes; False if there is no room."""
        if count > self._free:
            return False
        self._free -= count
        return True

    def give(self, count: int) -> None:
        """Release bytes."""
        self._free += count


class LoginFailures:
    """Failed logins of each network in the last fifteen minutes. If too many networks fail, the oldest is forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, list[float]] = {}

    def are_too_many(self, peer: str) -> bool:
        """Whether that address must wait."""
        return len(self._recent(network(peer))) >= MAX_FAILURES

    def note(self, peer: str) -> None:
        """Record a failure."""
        name = network(peer)
        recent = [*self._recent(name), self._clock()][-MAX_FAILURES:]
        self._failed.pop(name, None)
        if len(self._failed) >= MAX_REMEMBERED:
            del self._failed[next(iter(self._failed))]
        self._failed[name] = recent

    def _recent(self, name: str) -> list[float]:
        since = self._clock() - FAILURES_SECONDS
        return [failed_at for failed_at in self._failed.get(name, ()) if failed_at > since]
