"""From a receiver's host to a connection that was let in."""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
import time
from collections.abc import Sequence

import structlog

from misarmail_server.delivery.envelope import SourceAddress
from misarmail_server.delivery.smtp.client import SmtpClient, Tls, open_session
from misarmail_server.delivery.smtp.safety import ConnectionSecurity

CONNECT_SECONDS = 30.0
log = structlog.get_logger()


class Connector:
    """Connects to receivers. `hostname` is what EHLO says where the source has none of its own."""

    def __init__(self, hostname: str, port: int) -> None:
        self._hostname = hostname
        self._port = port

    def dial(self, addresses: Sequence[str], safety: ConnectionSecurity, source: SourceAddress | None, until: float) -> SmtpClient:
        """A client at the first address that lets us in. Raises RefusedError, UnsafeError or OSError of the last one that did not.

        From the source where that is of the same family; where it is not, or is no address of this machine, from any.
        """
        failure: OSError = OSError("it has no address that mail may go to")
        for address in sorted(addresses, key=lambda address: not _fits(source, address)):
            try:
                return self._let_in(address, safety, source if _fits(source, address) else None, until)
            except OSError as error:
                failure = error
        raise failure

    def _let_in(self, address: str, safety: ConnectionSecurity, source: SourceAddress | None, until: float) -> SmtpClient:
        try:
            return self._open(address, safety.tls, source, until)
        except ssl.SSLError:
            if not safety.may_be_plain:
                raise
            return self._open(address, None, source, until)  # opportunistic: TLS that fails is no worse than none (RFC 7435)

    def _open(self, address: str, tls: Tls | None, source: SourceAddress | None, until: float) -> SmtpClient:
        seconds = min(CONNECT_SECONDS, until - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
        try:
            connection = socket.create_connection((address, self._port), seconds, source_address=(source.ip, 0) if source else None)
        except OSError as error:
            if source is None or error.errno != errno.EADDRNOTAVAIL:
                raise
            log.warning("a dedicated address is not one of this machine's", address=source.ip)
            return self._open(address, tls, None, until)
        hostname = (source and source.hostname) or self._hostname
        return open_session(connection, hostname, until, tls=tls)


def _fits(source: SourceAddress | None, address: str) -> bool:
    return source is None or _is_ipv6(source.ip) == _is_ipv6(address)


def _is_ipv6(address: str) -> bool:
    return ipaddress.ip_address(address).version == 6  # noqa: PLR2004 - the protocol's number
