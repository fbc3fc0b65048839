"""Bytes to and from an SMTP server: every step has a deadline, every reply a limit, and unsolicited data is refused."""

from __future__ import annotations

import select
import socket
import ssl
import time
from typing import NamedTuple

MAX_LINE_LENGTH = 2_048  # RFC 5321, section 4.5.3.1.5, allows 512; some servers send more
MAX_LINES = 100
READ_BYTES = 16_384
CODE_DIGITS = 3


class ProtocolError(OSError):
    """The server does not speak SMTP, or replies out of turn. The connection cannot be used any more."""


class SmtpReply(NamedTuple):
    """A reply code and the text of its lines, which may be any bytes."""

    code: int
    lines: tuple[bytes, ...]

    @property
    def text(self) -> bytes:
        """All lines joined."""
        return b" ".join(self.lines)


class SmtpWire:
    """A connection. `until` is the deadline of every operation, on the monotonic clock. Raises OSError when it breaks."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._socket = connection
        self._encrypted: ssl.SSLSocket | None = None
        self._received = b""
        self.until = until

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is encrypted by TLS."""
        return self._encrypted is not None

    def write(self, content: bytes, seconds: float) -> None:
        """Send all bytes."""
        until = min(self.until, time.monotonic() + seconds)
        left = memoryview(content)
        while left:
            self._arm(until)
            left = left[self._socket.send(left) :]

    def read(self, seconds: float) -> SmtpReply:
        """The next reply (RFC 5321, section 4.2). Raises ProtocolError for an invalid one."""
        until = min(self.until, time.monotonic() + seconds)
        code, is_last, text = _parsed(self._line(until))
        lines = [text]
        while not is_last:
            following, is_last, text = _parsed(self._line(until))
            if following != code or len(lines) == MAX_LINES:
                raise ProtocolError("its reply has several codes or too many lines")
            lines.append(text)
        return SmtpReply(code, tuple(lines))

    def require_silence(self) -> None:
        """Raises ProtocolError if there is more data than was asked for: a reply before its command is not a reply."""
        if self._received:
            raise ProtocolError("it replied before it was asked")

    def is_quiet(self) -> bool:
        """Whether the server neither sent anything nor closed the connection since its last reply."""
        if self._received or (self._encrypted and self._encrypted.pending()):
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def encrypt(self, context: ssl.SSLContext, server_name: str, seconds: float) -> ssl.SSLSocket:
        """Continue in TLS. Data in the clear behind the reply to STARTTLS is an injection, and refused."""
        self.require_silence()
        self._arm(min(self.until, time.monotonic() + seconds))
        try:
            encrypted = context.wrap_socket(self._socket, server_hostname=server_name)
        except ConnectionError as error:
            raise ssl.SSLError("it broke off the handshake") from error
        self._socket = self._encrypted = encrypted
        return encrypted

    def close(self) -> None:
        """Close the connection without QUIT."""
        self._socket.close()

    def _line(self, until: float) -> bytes:
        """The next line without its line end."""
        while (end := self._received.find(b"\n", 0, MAX_LINE_LENGTH)) < 0:
            if len(self._received) >= MAX_LINE_LENGTH:
                raise ProtocolError("it sent a line that is too long")
            self._arm(until)
            received = self._socket.recv(READ_BYTES)
            if not received:
                raise ConnectionResetError("it closed the connection")
            self._received += received
        line, self._received = self._received[:end], self._received[end + 1 :]
        return line

    def _arm(self, until: float) -> None:
        seconds = until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("it took too long")
        self._socket.settimeout(seconds)


def _parsed(line: bytes) -> tuple[int, bool, bytes]:
    """(code, whether it is the last line, text)."""
    line = line.removesuffix(b"\r")
    code, separator = line[:CODE_DIGITS], line[CODE_DIGITS : CODE_DIGITS + 1]
    if len(code) != CODE_DIGITS or not code.isdigit() or code[:1] not in b"2345" or separator not in b" -":
        raise ProtocolError("its reply is not an SMTP reply")
    return int(code), separator != b"-", line[CODE_DIGITS + 1 :]
