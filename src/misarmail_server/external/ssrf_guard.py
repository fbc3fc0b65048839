"""Connections to hosts that a tenant names: never into the platform's own network, unless the operator allows it (SSRF)."""

from __future__ import annotations

import socket
import ssl
import threading

from misarmail_server.external.deadlines import Deadline
from misarmail_server.external.public_addresses import is_public

MINIMUM_SECONDS = 0.001
ADDRESSES = 8  # of a host that are tried


class UnreachableError(Exception):
    """The other server cannot be reached, or must not be. The message is for the tenant."""


def connect(host: str, port: int, deadline: Deadline, *, allows_private: bool) -> socket.socket:
    """A TCP connection to the first address of a host that accepts one. The address that was checked is the one that is connected to.

    Each address gets an equal part of the remaining time, so that one that drops packets leaves some for the others.
    Raises UnreachableError, also for a host with only private addresses (RFC 6890) if they are not allowed.
    """
    addresses = _addresses(host, port, deadline.left)
    allowed = [address for address in addresses if allows_private or is_public(address[1])]
    if addresses and not allowed:
        raise UnreachableError(f"{host} is in a private network, to which this platform connects only with MISARMAIL_PRIVATE_TARGETS=on")
    reason = f"{host} has no address"
    for number, (family, address) in enumerate(allowed):
        connection = socket.socket(family, socket.SOCK_STREAM)
        # Not 0, which would make the socket non-blocking.
        connection.settimeout(max(deadline.left / (len(allowed) - number), MINIMUM_SECONDS))
        try:
            connection.connect((address, port))
        except OSError as error:
            connection.close()
            reason = f"{host} does not respond on port {port}: {error.strerror or error}"
            continue
        connection.settimeout(deadline.seconds)
        deadline.watch(connection)
        return connection
    raise UnreachableError(reason)


def upgraded(plain: socket.socket, host: str) -> ssl.SSLSocket:
    """TLS on a connection, which is closed if the certificate is not valid for that host."""
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except (OSError, ValueError):
        plain.close()
        raise


def _addresses(host: str, port: int, seconds: float) -> list[tuple[int, str]]:
    """The addresses of a host. Raises UnreachableError if they are not found in time.

    The system's resolver has no time limit, so it runs on a thread that is left behind when it takes too long.
    """
    addresses: list[tuple[int, str]] = []
    thread = threading.Thread(target=lambda: addresses.extend(_resolved(host, port)), daemon=True, name="resolve")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise UnreachableError(f"{host} was not found in time")
    return addresses


def _resolved(host: str, port: int) -> list[tuple[int, str]]:
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # the latter for an invalid name
        return []
    return [(family, str(address[0])) for family, _, _, _, address in addresses[:ADDRESSES]]
