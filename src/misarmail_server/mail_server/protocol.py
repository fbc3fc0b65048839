"""SMTP for both listeners (RFC 5321): aiosmtpd's commands, with our own reading of content and limits in front.

Content is kept as one run of bytes, so that a mail of empty lines takes no more memory than any other. A line ends with CRLF only: a lone
CR or LF is refused, because servers that disagree about it can be made to see two mails in one (SMTP smuggling).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from asyncio import BaseTransport, LimitOverrunError
from typing import Any, NamedTuple

import structlog
from aiosmtpd.smtp import SMTP, AuthResult
from typing_extensions import override

from misarmail_server.mail_server.guards import BufferedBytes, ConnectionLimits, is_loopback
from misarmail_server.settings import Settings

BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
MAX_LINE_LENGTH = 1 << 16  # more than RFC 5321 allows: some programs write such lines, and they do no harm
IDLE_SECONDS = 300.0  # RFC 5321, section 4.5.3.2.7; for one command with all that belongs to it
MAX_COMMANDS = {"*": 200, "RCPT": 5_000, "AUTH": 5, "STARTTLS": 2, "VRFY": 10, "HELP": 10, "NOOP": 50}

TOO_LONG = "500 5.5.6 A line is too long"
TOO_MUCH = "552 5.3.4 The mail is too large"
SMUGGLED = "550 5.6.0 A line of the mail ends with CR or LF alone; lines end with CRLF (RFC 5321, section 2.3.8)"
BUSY = "452 4.3.1 Too much mail at the moment; try again later"
FAULT = "451 4.3.0 Something went wrong here; try again later"
FULL = b"421 4.7.0 Too many connections; try again later\r\n"

log = structlog.get_logger()


class ListenerOptions(NamedTuple):
    """The options shared by all connections of a listener."""

    settings: Settings
    handler: Any  # has handle_MAIL, handle_RCPT and handle_DATA, by aiosmtpd's names; 250 to the content says that it is durable
    connections: ConnectionLimits
    room: BufferedBytes
    tls: ssl.SSLContext | None
    takes_logins: bool = False


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
        self._held = 0

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
        self._is_admitted = self._common.connections.enter(self._peer)
        if self._is_admitted:
            self._auth_require_tls = not (self._common.takes_logins and is_loopback(self._peer))
            super().connection_made(transport)
        else:
            transport.write(FULL)  # type: ignore[attr-defined]  # a socket's
            transport.close()

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if not self._is_admitted:
            return
        self._is_admitted = False
        self._common.connections.leave(self._peer)
        super().connection_lost(error)

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_admitted:
            super().data_received(data)

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
        await self.push("354 End with <CRLF>.<CRLF>")
        try:
            content = await self._content()
            if isinstance(content, bytes):
                self.envelope.content = self.envelope.original_content = content
                content = await self.event_handler.handle_DATA(self, self.session, self.envelope)
        finally:
            self._set_post_data_state()
            self._let_go()
        await self.push(content)

    async def _content(self) -> bytes | str:
        """The mail without stuffed dots; or why it is refused, after all of it was sent."""
        content, refusal, is_continued = bytearray(), "", False
        while True:
            try:
                line = await self._reader.readuntil(b"\r\n")
            except LimitOverrunError as error:
                line = await self._reader.read(error.consumed)
                refusal = refusal or TOO_LONG
            if line == b".\r\n" and not is_continued:
                break
            refusal = refusal or self._refusal(len(line))
            if refusal:
                content.clear()
                self._let_go()
            else:
                content += line[1:] if line.startswith(b".") and not is_continued else line
            is_continued = not line.endswith(b"\r\n")
        return refusal or (SMUGGLED if BARE.search(content) else bytes(content))

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

    @override
    async def handle_exception(self, error: Exception) -> str:
        """A fault must not reveal its cause, nor lose the mail."""
        log.error("an SMTP command failed", exc_info=error)
        return FAULT


def _unjudged(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """Ends the AUTH exchange with its credentials: the handler checks them outside the event loop."""
    return AuthResult(success=True, handled=True, auth_data=data)
