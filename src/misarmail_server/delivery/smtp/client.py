"""The client side of an SMTP session before the mail: greeting, EHLO, STARTTLS, authentication (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from misarmail_server.delivery.smtp.wire import ProtocolError, SmtpReply, SmtpWire

GREETING_SECONDS = 300.0  # RFC 5321, section 4.5.3.2; the deadline of the session may come first
COMMAND_SECONDS = 300.0
TLS_SECONDS = 60.0
READY, OK, CLOSING = 220, 250, 421
AUTHENTICATED, GO_ON = 235, 334
UNKNOWN_COMMAND = {500, 502}


class RefusedError(Exception):
    """The server refused the session in reply to the connection, EHLO or AUTH."""

    def __init__(self, reply: SmtpReply) -> None:
        super().__init__(reply.code)
        self.reply = reply


class UnsafeError(Exception):
    """The connection would be less secure than required; the message says how."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How to encrypt. `is_required`: no connection in the clear. `check` judges the server after the handshake."""

    context: ssl.SSLContext
    server_name: str
    is_implicit: bool = False
    is_required: bool = False
    check: Callable[[ssl.SSLSocket], None] | None = None


@dataclass(frozen=True, slots=True)
class SmtpLogin:
    """Credentials. `is_sent_in_clear`: also without TLS, as to a relay on the same machine."""

    user: str
    password: str
    is_sent_in_clear: bool = False


class SmtpClient:
    """An open session. `extensions` are the keywords of EHLO in upper case with their parameters."""

    def __init__(self, wire: SmtpWire, hostname: str) -> None:
        self.wire = wire
        self.extensions: dict[str, str] = {}
        self.mails = 0
        self.needs_reset = False  # a transaction was started and refused
        self.is_spent = False  # no more mail may be sent on it
        self._hostname = hostname.encode()

    def say(self, command: bytes) -> SmtpReply:
        """Send one command and return its reply."""
        self.wire.require_silence()
        self.wire.write(command + b"\r\n", COMMAND_SECONDS)
        return self.wire.read(COMMAND_SECONDS)

    def greet(self, tls: Tls | None, login: SmtpLogin | None) -> None:
        """Greet, encrypt and sign in. Raises RefusedError, UnsafeError, and OSError when the connection breaks."""
        if tls and tls.is_implicit:
            self._encrypt(tls)
        _require(self.wire.read(GREETING_SECONDS), READY)
        self._say_ehlo()
        if tls and not tls.is_implicit:
            self._start_tls(tls)
        if login:
            self._authenticate(login)

    def leave(self, seconds: float) -> None:
        """Send QUIT, waiting up to `seconds` for the reply; 0 for no wait."""
        try:
            self.wire.write(b"QUIT\r\n", seconds or 1.0)
            if seconds:
                self.wire.read(seconds)
        except OSError:
            return  # the connection is closed already
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
        self._say_ehlo()  # extensions from before STARTTLS are not trusted (RFC 3207, section 4.2)

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
            raise UnsafeError("it offers neither AUTH PLAIN nor AUTH LOGIN")


def open_session(connection: socket.socket, hostname: str, until: float, *, tls: Tls | None, login: SmtpLogin | None = None) -> SmtpClient:
    """Open a session on a new TCP connection. Raises RefusedError, UnsafeError or OSError; the connection is closed then."""
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
    """Why a connection broke, as a sentence."""
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {getattr(error, 'verify_message', '') or getattr(error, 'reason', '') or 'no shared protocol'}"
    if isinstance(error, ProtocolError):
        return str(error)
    return "it did not answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error) or "no route"


def _extension(line: bytes) -> tuple[str, str]:
    keyword, _, parameters = line.decode("ascii", "replace").replace("=", " ", 1).partition(" ")
    return keyword.upper(), parameters


def _require(reply: SmtpReply, code: int) -> None:
    if reply.code != code:
        raise RefusedError(reply)
