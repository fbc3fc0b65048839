"""The client's side of an SMTP connection up to the mail: greeting, EHLO, STARTTLS, authentication (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from misarmail_server.delivery.smtp.wire import ProtocolError, SmtpReply, SmtpWire

GREETING_SECONDS = 300.0  # RFC 5321, section 4.5.3.2; the dialogue's own limit comes first where it is shorter
COMMAND_SECONDS = 300.0
TLS_SECONDS = 60.0
READY, OK, CLOSING = 220, 250, 421
AUTHENTICATED, GO_ON = 235, 334
UNKNOWN_COMMAND = {500, 502}


class RefusedError(Exception):
    """The server does not let us in: its reply to the greeting, EHLO or AUTH."""

    def __init__(self, reply: SmtpReply) -> None:
        super().__init__(reply.code)
        self.reply = reply


class UnsafeError(Exception):
    """The connection would be less safe than it must be; the message says how."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How to encrypt. `is_required`: rather not at all than in the clear. `check` judges the other side after the handshake."""

    context: ssl.SSLContext
    server_name: str
    is_implicit: bool = False
    is_required: bool = False
    check: Callable[[ssl.SSLSocket], None] | None = None


@dataclass(frozen=True, slots=True)
class SmtpLogin:
    """Credentials. `is_sent_in_clear`: also where there is no TLS, as on this very machine."""

    user: str
    password: str
    is_sent_in_clear: bool = False


class SmtpClient:
    """A connection that was let in. `extensions` are EHLO's keywords in upper case with their parameters."""

    def __init__(self, wire: SmtpWire, hostname: str) -> None:
        self.wire = wire
        self.extensions: dict[str, str] = {}
        self.mails = 0
        self.needs_reset = False  # a transaction was begun and refused
        self.is_spent = False  # no more mail goes over it
        self._hostname = hostname.encode()

    def say(self, command: bytes) -> SmtpReply:
        """One command and its reply."""
        self.wire.require_silence()
        self.wire.write(command + b"\r\n", COMMAND_SECONDS)
        return self.wire.read(COMMAND_SECONDS)

    def greet(self, tls: Tls | None, login: SmtpLogin | None) -> None:
        """From the connection to where mail can be sent. Raises RefusedError, UnsafeError, and OSError when it breaks."""
        if tls and tls.is_implicit:
            self._encrypt(tls)
        _require(self.wire.read(GREETING_SECONDS), READY)
        self._say_ehlo()
        if tls and not tls.is_implicit:
            self._start_tls(tls)
        if login:
            self._authenticate(login)

    def leave(self, seconds: float) -> None:
        """Take leave, with so much patience for the answer; 0 for none."""
        try:
            self.wire.write(b"QUIT\r\n", seconds or 1.0)
            if seconds:
                self.wire.read(seconds)
        except OSError:
            return  # it is gone already
        finally:
            self.wire.close()

    def _say_ehlo(self) -> None:
        reply = self.say(b"EHLO " + self._hostname)
        if reply.code in UNKNOWN_COMMAND:
            reply = self.say(b"HELO " + self._hostname)._replace(lines=())
        _require(reply, OK)
        self.extensions = dict(map(_extension, reply.lines[1:]))

    def _start_tls(self, tls: Tls) -> None:
        if "STARTTLS" not in self.extensions:
            if tls.is_required:
                raise UnsafeError("it offers no TLS")
            return
        reply = self.say(b"STARTTLS")
        if reply.code != READY:
            if tls.is_required:
                raise UnsafeError("it offers TLS and refuses it")
            return
        self._encrypt(tls)
        self._say_ehlo()  # what it said before may have been said by somebody else (RFC 3207, section 4.2)

    def _encrypt(self, tls: Tls) -> None:
        encrypted = self.wire.encrypt(tls.context, tls.server_name, TLS_SECONDS)
        if tls.check:
            tls.check(encrypted)

    def _authenticate(self, login: SmtpLogin) -> None:
        if not (self.wire.is_encrypted or login.is_sent_in_clear):
            raise UnsafeError("it offers no TLS, and the password is not sent in the clear")
        offered = self.extensions.get("AUTH", "").upper().split()
        user, password = login.user.encode(), login.password.encode()
        if "PLAIN" in offered:
            _require(self.say(b"AUTH PLAIN " + base64.b64encode(b"\0%s\0%s" % (user, password))), AUTHENTICATED)
        elif "LOGIN" in offered:
            _require(self.say(b"AUTH LOGIN"), GO_ON)
            _require(self.say(base64.b64encode(user)), GO_ON)
            _require(self.say(base64.b64encode(password)), AUTHENTICATED)
        else:
            raise UnsafeError("it takes neither AUTH PLAIN nor AUTH LOGIN")


def open_session(connection: socket.socket, hostname: str, until: float, *, tls: Tls | None, login: SmtpLogin | None = None) -> SmtpClient:
    """A client on a fresh TCP connection. Raises RefusedError, UnsafeError or OSError; the connection is closed then."""
    wire = SmtpWire(connection, until)
    client = SmtpClient(wire, hostname)
    try:
        client.greet(tls, login)
        wire.require_silence()
    except BaseException:
        wire.close()
        raise
    return client


def describe_error(error: OSError) -> str:
    """Why a connection broke, in words for people."""
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {getattr(error, 'verify_message', '') or getattr(error, 'reason', '') or 'no common ground'}"
    if isinstance(error, ProtocolError):
        return str(error)
    return "it did not answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error) or "no route"


def _extension(line: bytes) -> tuple[str, str]:
    keyword, _, parameters = line.decode("ascii", "replace").replace("=", " ", 1).partition(" ")
    return keyword.upper(), parameters


def _require(reply: SmtpReply, code: int) -> None:
    if reply.code != code:
        raise RefusedError(reply)
