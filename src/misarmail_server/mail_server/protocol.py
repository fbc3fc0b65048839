"""SMTP for both listeners (RFC 5321): aiosmtpd's commands, with our own reading of content and limits in front.

A connection may be idle for minutes while there is room, and for seconds when many are open; `content.py` reads the mails.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio import BaseTransport
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import structlog
from aiosmtpd.smtp import SMTP, AuthResult
from typing_extensions import override

from misarmail_server.external import proxy_protocol
from misarmail_server.external.client_networks import is_loopback
from misarmail_server.external.trusted_proxies import TrustedProxies
from misarmail_server.mail_server.content import MAX_LINE_LENGTH, MailContent
from misarmail_server.mail_server.guards import BufferedBytes, ConnectionLimits
from misarmail_server.settings import Settings

CHUNK = 1 << 24  # more than the reader buffers, so that a read empties it
IDLE_SECONDS = 300.0  # RFC 5321, section 4.5.3.2.7; for one command with all that belongs to it
# The same when many connections are open: to wait for a command, and for the content of a mail.
PRESSED_SECONDS = 10.0
PRESSED_CONTENT_SECONDS = 60.0
LOOK_SECONDS = 5.0
PROXY_SECONDS = 10.0  # for a PROXY header
MAX_COMMANDS = {"*": 200, "RCPT": 5_000, "AUTH": 5, "STARTTLS": 2, "VRFY": 10, "HELP": 10, "NOOP": 50}

TOO_MUCH = "552 5.3.4 The mail is too large"
BUSY = "452 4.3.1 Too much mail at the moment; try again later"
FAULT = "451 4.3.0 Something went wrong here; try again later"
FULL = b"421 4.7.0 Too many connections; try again later\r\n"
IDLE = b"421 4.4.2 Nothing was sent for too long\r\n"
REPLACED = b"421 4.3.2 Many connections are open, and this one has been idle for the longest time; try again later\r\n"

Phase = Literal["command", "content", "work"]  # what the connection waits for

log = structlog.get_logger()


class ListenerOptions(NamedTuple):
    """The options shared by all connections of a listener."""

    settings: Settings
    handler: Any  # has handle_MAIL, handle_RCPT and handle_DATA, by aiosmtpd's names; 250 to the content says that it is durable
    connections: ConnectionLimits
    room: BufferedBytes
    tls: ssl.SSLContext | None
    takes_logins: bool = False
    proxies: TrustedProxies | None = None  # those whose connections begin with a PROXY header


@dataclass
class ProxiedConnection:
    """A connection of a proxy whose PROXY header has not arrived completely."""

    transport: BaseTransport
    timer: asyncio.TimerHandle
    begun: bytearray = field(default_factory=bytearray)


class SmtpProtocol(SMTP):  # type: ignore[misc]  # aiosmtpd has no types that strict mode accepts
    """One connection."""

    line_length_limit = MAX_LINE_LENGTH
    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"

    def __init__(self, common: ListenerOptions, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            common.handler,
            data_size_limit=common.settings.mail_limit,
            enable_SMTPUTF8=True,
            hostname=common.settings.hostname,
            ident="ESMTP",
            tls_context=common.tls,
            timeout=IDLE_SECONDS,
            auth_required=common.takes_logins,
            authenticator=_unjudged,
            auth_exclude_mechanism=() if common.takes_logins else ("LOGIN", "PLAIN"),
            command_call_limit=MAX_COMMANDS,
            loop=loop,
        )
        self._common = common
        self._peer = ""
        self._is_admitted = False
        self._proxied: ProxiedConnection | None = None
        self._held = 0
        self._phase: Phase = "command"
        self._since = 0.0

    @property
    def peer(self) -> str:
        """The client's IP address."""
        return self._peer

    @override
    def connection_made(self, transport: BaseTransport) -> None:
        """Also called when TLS begins, on a connection that is already counted."""
        if self._is_admitted:
            super().connection_made(transport)
            return
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else "127.0.0.1"
        if self._common.proxies is not None and self._common.proxies.trusts(self._peer):
            self._proxied = ProxiedConnection(transport, self.loop.call_later(PROXY_SECONDS, transport.close))
        else:
            self._admit(transport)

    def _admit(self, transport: BaseTransport) -> None:
        self._is_admitted = self._common.connections.enter(self._peer, self)
        if self._is_admitted:
            self._auth_require_tls = not (self._common.takes_logins and is_loopback(self._peer))
            super().connection_made(transport)
        else:
            transport.write(FULL)  # type: ignore[attr-defined]  # a socket's
            transport.close()

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if self._proxied is not None:
            self._proxied.timer.cancel()
        if not self._is_admitted:
            return
        self._is_admitted = False
        self._common.connections.leave(self._peer, self)
        super().connection_lost(error)

    @override
    def data_received(self, data: bytes) -> None:
        if self._proxied is not None:
            data = self._without_proxy_header(self._proxied, data)
        if self._is_admitted and data:
            super().data_received(data)

    def _without_proxy_header(self, proxied: ProxiedConnection, data: bytes) -> bytes:
        """The bytes of the client; the dialogue begins after the header."""
        proxied.begun += data
        try:
            header = proxy_protocol.read(bytes(proxied.begun))
        except proxy_protocol.ProxyProtocolError:
            log.warning("a trusted proxy sent no valid PROXY header", proxy=self._peer)
            proxied.transport.close()
            return b""
        if header is None:
            return b""
        proxied.timer.cancel()
        self._proxied = None
        self._peer = header.client[0] if header.client else self._peer
        self._admit(proxied.transport)
        return bytes(proxied.begun[header.size :])

    @override
    def eof_received(self) -> bool | None:
        return bool(super().eof_received()) if self._is_admitted else False

    @override
    async def smtp_DATA(self, arg: str | None) -> None:
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if not self.envelope.rcpt_tos or arg:
            await self.push("501 5.5.4 DATA takes nothing" if arg else "503 5.5.1 RCPT comes first")
            return
        self._enter("content")
        await self.push("354 End with <CRLF>.<CRLF>")
        try:
            content, reply = await self._content()
            if not reply:
                self._enter("work")
                self.envelope.content = self.envelope.original_content = content
                reply = await self.event_handler.handle_DATA(self, self.session, self.envelope)
        finally:
            self._enter("command")
            self._set_post_data_state()
            self._let_go()
        await self.push(reply)

    async def _content(self) -> tuple[bytes, str]:
        """(the mail, why it is refused), after all of it was sent. Commands that follow it stay for the next read."""
        content = MailContent(self._refusal)
        while True:
            chunk = await self._reader.read(CHUNK)
            if not chunk:
                raise ConnectionResetError
            rest = content.take(chunk)
            if content.refusal:
                self._let_go()
            if rest is not None:
                self._reader.feed_data(rest)
                return content.result()

    def _refusal(self, count: int) -> str:
        """Why this many more bytes cannot be held; empty if they can."""
        if self._held + count > self._common.settings.mail_limit:
            return TOO_MUCH
        if not self._common.room.take(count):
            return BUSY
        self._held += count
        return ""

    def _let_go(self) -> None:
        self._common.room.give(self._held)
        self._held = 0

    @property
    def idle_since(self) -> float:
        """When the client last sent something, by the event loop's clock; infinite while the platform itself is working."""
        return float("inf") if self._phase == "work" else self._since

    def give_up(self) -> None:
        """Close an idle connection in favour of a new one, also if its client does not read."""
        self._close_with(REPLACED)

    def _enter(self, phase: Phase) -> None:
        self._phase, self._since = phase, self.loop.time()

    @override
    def _reset_timeout(self, duration: float | None = None) -> None:
        """Called by aiosmtpd when a connection or a command begins."""
        self._since = self.loop.time()
        super()._reset_timeout(min(LOOK_SECONDS, self._time_limit()))

    @override
    def _timeout_cb(self) -> None:
        if self.loop.time() - self._since >= self._time_limit():
            self._close_with(IDLE)
        else:
            super()._reset_timeout(min(LOOK_SECONDS, self._time_limit()))

    def _time_limit(self) -> float:
        """Seconds that the connection may wait for its client now."""
        if self._phase == "work" or not self._common.connections.is_pressed:
            return IDLE_SECONDS
        return PRESSED_CONTENT_SECONDS if self._phase == "content" else PRESSED_SECONDS

    def _close_with(self, reply: bytes) -> None:
        if self.transport is not None:
            self.transport.write(reply)
            self.transport.abort()

    @override
    async def handle_exception(self, error: Exception) -> str:
        """A fault must not reveal its cause, nor lose the mail."""
        log.error("an SMTP command failed", exc_info=error)
        return FAULT


def _unjudged(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """Ends the AUTH exchange with its credentials: the handler checks them outside the event loop."""
    return AuthResult(success=True, handled=True, auth_data=data)
