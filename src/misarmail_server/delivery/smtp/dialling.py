"""From a receiver's host to a connection that was let in."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Sequence

from misarmail_server.delivery.smtp.client import Client, Tls, let_in
from misarmail_server.delivery.smtp.safety import Safety

CONNECT_SECONDS = 30.0


class Dialler:
    """Connects to receivers. `hostname` is what EHLO says."""

    def __init__(self, hostname: str, port: int) -> None:
        self._hostname = hostname
        self._port = port

    def dial(self, addresses: Sequence[str], safety: Safety, source: str | None, until: float) -> Client:
        """A client at the first address that lets us in. Raises RefusedError, UnsafeError or OSError of the last one that did not."""
        reachable = [one for one in addresses if source is None or _is_ipv6(one) == _is_ipv6(source)]
        failure: OSError = OSError("it has no address that mail may go to")
        for address in reachable:
            try:
                return self._let_in(address, safety, source, until)
            except OSError as error:
                failure = error
        raise failure

    def _let_in(self, address: str, safety: Safety, source: str | None, until: float) -> Client:
        try:
            return self._open(address, safety.tls, source, until)
        except ssl.SSLError:
            if not safety.may_be_plain:
                raise
            return self._open(address, None, source, until)  # opportunistic: TLS that fails is no worse than none (RFC 7435)

    def _open(self, address: str, tls: Tls | None, source: str | None, until: float) -> Client:
        seconds = min(CONNECT_SECONDS, until - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
        bound = (source, 0) if source else None
        connection = socket.create_connection((address, self._port), seconds, source_address=bound)
        return let_in(connection, self._hostname, until, tls=tls)


def _is_ipv6(address: str) -> bool:
    return ipaddress.ip_address(address).version == 6  # noqa: PLR2004 - the protocol's number
