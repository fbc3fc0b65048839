"""Limits for unknown clients: connections, memory and failed logins, in the memory of the one listening process."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter
from collections.abc import Callable

MAX_CONNECTIONS = 100
MAX_PER_ADDRESS = 20
MAX_BYTES = 100_000_000
MAX_FAILURES = 10
FAILURES_SECONDS = 900.0
MAX_REMEMBERED = 10_000
IPV6_NETWORK = 64  # bits; the size of one customer's network


class ConnectionLimits:
    """The number of open connections, in all and from each network."""

    def __init__(self, most: int = MAX_CONNECTIONS, most_of_one: int = MAX_PER_ADDRESS) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._open: Counter[str] = Counter()

    def enter(self, peer: str) -> bool:
        """Count a new connection; False if it is one too many, which is not counted."""
        name = network(peer)
        if self._open.total() >= self._most or self._open[name] >= self._most_of_one:
            return False
        self._open[name] += 1
        return True

    def leave(self, peer: str) -> None:
        """Count a closed connection."""
        name = network(peer)
        self._open[name] -= 1
        if not self._open[name]:
            del self._open[name]


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


def network(peer: str) -> str:
    """The address itself, or the network of an IPv6 address."""
    address = ipaddress.ip_address(peer.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None or address.version == 4:  # noqa: PLR2004 - of the protocol
        return str(mapped or address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))


def is_loopback(peer: str) -> bool:
    """Whether the client is on this machine."""
    return ipaddress.ip_address(network(peer).partition("/")[0]).is_loopback or peer == "::1"
