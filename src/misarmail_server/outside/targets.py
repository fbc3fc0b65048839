"""Connections to hosts that a tenant names: never into the platform's own network, unless the operator allows it."""

from __future__ import annotations

import ipaddress
import socket


class UnreachableError(Exception):
    """The other server cannot be reached, or must not be. The message is for the tenant."""


def connect(host: str, port: int, *, seconds: float, allows_private: bool) -> socket.socket:
    """A TCP connection to the first address of a host that answers. The address that was judged is the one that is connected to.

    Raises UnreachableError, also for a host that only has addresses of private networks (RFC 6890) where they are not allowed.
    """
    reason = f"{host} has no address"
    for family, address in _addresses(host, port):
        if not (allows_private or is_public(address)):
            reason = f"{host} is in a private network, where this platform does not connect to"
            continue
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        try:
            connection.connect((address, port))
        except OSError as error:
            connection.close()
            reason = f"{host} does not answer on port {port}: {error.strerror or error}"
            continue
        return connection
    raise UnreachableError(reason)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and to one host of it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (inner or found).is_global and not (inner or found).is_multicast


def _addresses(host: str, port: int) -> list[tuple[int, str]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [(family, str(address[0])) for family, _, _, _, address in found]
