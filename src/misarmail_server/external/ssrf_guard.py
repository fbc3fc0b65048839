"""Connections to hosts that a tenant names: never into the platform's own network, unless the operator allows it."""

from __future__ import annotations

import ipaddress
import socket
import ssl

from misarmail_server.external.deadlines import Deadline

MINIMUM_SECONDS = 0.001
ADDRESSES = 8  # of one host that are tried


class UnreachableError(Exception):
    """The other server cannot be reached, or must not be. The message is for the tenant."""


def connect(host: str, port: int, deadline: Deadline, *, allows_private: bool) -> socket.socket:
    """A TCP connection to the first address of a host that answers. The address that was judged is the one that is connected to.

    Each address has an equal part of the time that is left, so that one that swallows packets leaves some for the others.
    Raises UnreachableError, also for a host that only has addresses of private networks (RFC 6890) where they are not allowed.
    """
    addresses = _addresses(host, port)
    allowed = [address for address in addresses if allows_private or is_public(address[1])]
    if addresses and not allowed:
        raise UnreachableError(f"{host} is in a private network, where this platform does not connect to")
    reason = f"{host} has no address"
    for number, (family, address) in enumerate(allowed):
        connection = socket.socket(family, socket.SOCK_STREAM)
        # Not 0, which would not wait at all and is another error.
        connection.settimeout(max(deadline.left / (len(allowed) - number), MINIMUM_SECONDS))
        try:
            connection.connect((address, port))
        except OSError as error:
            connection.close()
            reason = f"{host} does not answer on port {port}: {error.strerror or error}"
            continue
        connection.settimeout(deadline.seconds)
        deadline.watch(connection)
        return connection
    raise UnreachableError(reason)


def upgraded(plain: socket.socket, host: str) -> ssl.SSLSocket:
    """TLS on a connection, which is closed where the other side does not prove to be that host."""
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except (OSError, ValueError):
        plain.close()
        raise


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and to one host of it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (inner or found).is_global and not (inner or found).is_multicast


def _addresses(host: str, port: int) -> list[tuple[int, str]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # the latter for a name that cannot be one
        return []
    return [(family, str(address[0])) for family, _, _, _, address in found[:ADDRESSES]]
