"""Bytes to and from an SMTP server: every step has a deadline, every reply a bound, and nothing that comes unasked is believed."""

from __future__ import annotations

import select
import socket
import ssl
import time
from typing import NamedTuple

MAX_LINE_LENGTH = 2_048  # RFC 5321, section 4.5.3.1.5 has 512; some say more
MAX_LINES = 100
READ_BYTES = 16_384
CODE_DIGITS = 3


class ProtocolError(OSError):
    """The server does not speak SMTP, or speaks out of turn. Like any broken connection it is of no more use."""


class SmtpReply(NamedTuple):
    """A code and the text of its lines, which may be any bytes."""

    code: int
    lines: tuple[bytes, ...]

    @property
    def text(self) -> bytes:
        """All lines in one."""
        return b" ".join(self.lines)


class SmtpWire:
    """A connection. `until` is when whatever is done on it must be done, on the monotonic clock. Raises OSError when it breaks."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._socket = connection
        self._encrypted: ssl.SSLSocket | None = None
        self._received = b""
        self.until = until

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS protects it."""
        return self._encrypted is not None

    def write(self, content: bytes, seconds: float) -> None:
        """Send all of it."""
        until = min(self.until, time.monotonic() + seconds)
        left = memoryview(content)
        while left:
            self._arm(until)
            left = left[self._socket.send(left) :]

    def read(self, seconds: float) -> SmtpReply:
        """The next reply (RFC 5321, section 4.2). Raises ProtocolError for what is none."""
        until = min(self.until, time.monotonic() + seconds)
        code, is_last, text = _parsed(self._line(until))
        lines = [text]
        while not is_last:
            following, is_last, text = _parsed(self._line(until))
            if following != code or len(lines) == MAX_LINES:
                raise ProtocolError("it gave a reply of several codes or of too many lines")
            lines.append(text)
        return SmtpReply(code, tuple(lines))

    def require_silence(self) -> None:
        """Raises ProtocolError when more came than was asked for: an answer that comes before its question is no answer."""
        if self._received:
            raise ProtocolError("it answered before it was asked")

    def is_quiet(self) -> bool:
        """Whether the other side neither said anything nor hung up since its last reply."""
        if self._received or (self._encrypted and self._encrypted.pending()):
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def encrypt(self, context: ssl.SSLContext, server_name: str, seconds: float) -> ssl.SSLSocket:
        """Go on in TLS. What came in the clear behind the reply to STARTTLS is somebody's injection, and refused."""
        self.require_silence()
        self._arm(min(self.until, time.monotonic() + seconds))
        try:
            encrypted = context.wrap_socket(self._socket, server_hostname=server_name)
        except ConnectionError as error:
            raise ssl.SSLError("it broke off the handshake") from error
        self._socket = self._encrypted = encrypted
        return encrypted

    def close(self) -> None:
        """Hang up, without ceremony."""
        self._socket.close()

    def _line(self, until: float) -> bytes:
        """The next line without its end."""
        while (end := self._received.find(b"\n", 0, MAX_LINE_LENGTH)) < 0:
            if len(self._received) >= MAX_LINE_LENGTH:
                raise ProtocolError("it gave a line that is too long")
            self._arm(until)
            received = self._socket.recv(READ_BYTES)
            if not received:
                raise ConnectionResetError("it hung up")
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
        raise ProtocolError("it gave no SMTP reply")
    return int(code), separator != b"-", line[CODE_DIGITS + 1 :]
