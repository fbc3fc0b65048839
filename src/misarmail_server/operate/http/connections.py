"""HTTP connections: how many an address may have, how long a request's head may take, and how slowly a response may be read."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections import Counter
from dataclasses import dataclass
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from misarmail_server.external import client_networks, proxy_protocol
from misarmail_server.external.trusted_proxies import TrustedProxies

MAX_HEAD_BYTES = 65_536
MAX_OPEN_FILES = 65_536
RESERVED_FILES = 256  # for databases, logs and outgoing connections
UNREAD_MILLISECONDS = 60_000  # how long the kernel keeps data that the peer does not acknowledge or has no window for (tcp(7))


@dataclass(frozen=True, slots=True)
class ConnectionDeadlines:
    """How long a connection is waited for."""

    head_seconds: float = 10.0  # from the connection, or from the first byte of a later request, to the end of the head
    idle_seconds: float = 75.0  # between requests
    write_seconds: float = 20.0  # in which at least `write_bytes` of a response must be taken
    write_bytes: int = 20_000


class Connections:
    """The open connections of one process. Beyond either limit, a new one is closed at once."""

    def __init__(self, per_address: int, total: int) -> None:
        self._per_address = per_address
        self._total = total
        self._by_address: Counter[str] = Counter()
        self._count = 0

    def enter(self, address: str, *, is_proxy: bool = False) -> bool:
        """Count a connection; returns False if there are too many. A proxy, which connects for many clients, has only the total limit."""
        if self._count >= self._total or (not is_proxy and self._by_address[address] >= self._per_address):
            return False
        self._count += 1
        self._by_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Give back what `enter` counted."""
        self._count -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]


def raise_file_limit() -> int:
    """Allow this process as many open files as it may have; returns how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(64, (wanted if soft == resource.RLIM_INFINITY else max(soft, wanted)) - RESERVED_FILES)


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with limits: whenever the head of a request is incomplete, a deadline runs."""

    def __init__(
        self,
        *,
        connections: Connections,
        deadlines: ConnectionDeadlines,
        proxies: TrustedProxies,
        uses_proxy_protocol: bool,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._open = connections
        self._deadlines = deadlines
        self._proxies = proxies
        self._uses_proxy_protocol = uses_proxy_protocol
        self._proxy_header: bytearray | None = None  # what has arrived of it, while it is incomplete
        self._counted_address: str | None = None
        self._is_in_head = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn
        super().connection_made(transport)
        if self._uses_proxy_protocol and self._proxies.trusts(self._address):
            self._proxy_header = bytearray()
        elif not self._enter():
            return
        connected = transport.get_extra_info("socket")
        if connected is not None and connected.family != socket.AF_UNIX:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MILLISECONDS)
        self._arm()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._counted_address is not None:
            self._open.leave(self._counted_address)
            self._counted_address = None
        self._disarm()
        self._unset_keepalive_if_required()
        self._cancel_write_timer()

    @override
    def data_received(self, data: bytes) -> None:
        if self._proxy_header is not None:
            data = self._without_proxy_header(self._proxy_header, data)
        if self.transport.is_closing() or self._proxy_header is not None:
            return
        super().data_received(data)
        if not self._waits_for_head():
            self._head_bytes = 0
            self._disarm()
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.abort()
        elif self._head_timer is None:
            self._arm()

    @override
    def eof_received(self) -> bool:  # type: ignore[override] # as asyncio
        """A client may close its side after a request and wait for the response (RFC 9112, section 9.6), which is sent before we close."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            return False
        cycle.keep_alive = False
        return True

    @override
    def on_message_begin(self) -> None:
        self._is_in_head = True
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_writing()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._cancel_write_timer()

    @override
    def timeout_keep_alive_handler(self) -> None:
        if self.transport.get_write_buffer_size():  # the last response was never read
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _enter(self) -> bool:
        """Count the connection; one too many is closed."""
        address = client_networks.network_or_text(self._address)
        if not self._open.enter(address, is_proxy=bool(self._proxies) and self._proxies.trusts(self._address)):
            self.transport.abort()
            return False
        self._counted_address = address
        return True

    def _without_proxy_header(self, begun: bytearray, data: bytes) -> bytes:
        """The bytes of the client. The rest of the connection has the client's address, as if it were not proxied."""
        begun += data
        try:
            header = proxy_protocol.read(bytes(begun))
        except proxy_protocol.ProxyProtocolError:
            self.transport.abort()
            return b""
        if header is None:
            return b""
        self._proxy_header = None
        self.client = header.client or self.client
        return bytes(begun[header.size :]) if self._enter() else b""

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def _is_busy(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _waits_for_head(self) -> bool:
        return self._is_in_head or not self._is_busy

    def _arm(self) -> None:
        self._head_timer = self.loop.call_later(self._deadlines.head_seconds, self._head_is_late)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._is_busy:
            self._arm()  # an earlier request of this connection still runs
        else:
            self.transport.abort()

    def _watch_writing(self) -> None:
        self._cancel_write_timer()
        size = self.transport.get_write_buffer_size()
        self._write_timer = self.loop.call_later(self._deadlines.write_seconds, self._require_progress, size)

    def _require_progress(self, size: int) -> None:
        self._write_timer = None
        if size - self.transport.get_write_buffer_size() < self._deadlines.write_bytes:
            self.transport.abort()
        else:
            self._watch_writing()

    def _cancel_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
