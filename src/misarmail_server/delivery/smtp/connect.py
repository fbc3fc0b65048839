"""Connecting to a receiver's host: its addresses in turn, from the chosen source address."""

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
from misarmail_server.delivery.smtp.tls_policy import ConnectionSecurity

CONNECT_SECONDS = 30.0
log = structlog.get_logger()


class Connector:
    """Connects to receivers. `hostname` is the name in EHLO if the source address has none."""

    def __init__(self, hostname: str, port: int) -> None:
        self._hostname = hostname
        self._port = port

    def dial(self, addresses: Sequence[str], safety: ConnectionSecurity, source: SourceAddress | None, until: float) -> SmtpClient:
        """A session with the first address that accepts one. Raises RefusedError, UnsafeError or OSError of the last address.

        Uses the source address if it is of the same family and belongs to this machine; otherwise any.
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
            return self._open(address, None, source, until)  # opportunistic: failed TLS is not worse than none (RFC 7435)

    def _open(self, address: str, tls: Tls | None, source: SourceAddress | None, until: float) -> SmtpClient:
        seconds = min(CONNECT_SECONDS, until - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
        try:
            connection = socket.create_connection((address, self._port), seconds, source_address=(source.ip, 0) if source else None)
        except OSError as error:
            if source is None or error.errno != errno.EADDRNOTAVAIL:
                raise
            log.warning("a dedicated address does not belong to this machine", address=source.ip)
            return self._open(address, tls, None, until)
        hostname = (source and source.hostname) or self._hostname
        return open_session(connection, hostname, until, tls=tls)


def _fits(source: SourceAddress | None, address: str) -> bool:
    return source is None or _is_ipv6(source.ip) == _is_ipv6(address)


def _is_ipv6(address: str) -> bool:
    return ipaddress.ip_address(address).version == 6  # noqa: PLR2004 - the protocol's number
