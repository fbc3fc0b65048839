"""Handing mail to a relay by SMTP (RFC 5321): one recipient a transaction, connections reused.

What the relay says about a mail is that mail's outcome; what keeps us from talking to the relay at all is `held`, and no mail's fault.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote

from misarmail_server.delivery.headers import Unsendable, wire_address
from misarmail_server.delivery.outcomes import Outcome, held, of_reply, unsendable

CONNECT_SECONDS = 30.0
COMMAND_SECONDS = 300.0  # RFC 5321, section 4.5.3.2
QUIT_SECONDS = 5.0
MAILS_PER_CONNECTION = 100

OK = 250
READY_FOR_DATA = 354
CLOSING = 421
NOT_LET_IN = {530, 534, 535, 538}  # RFC 4954: the relay wants other credentials, which is no mail's fault

LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class RelayTransport:
    """A connection to a relay that is opened when there is mail and kept while it works. Used by one thread."""

    def __init__(self, url: SplitResult, hostname: str, *, dialogue_seconds: float) -> None:
        self._relay = _Relay(url, hostname)
        self._dialogue_seconds = dialogue_seconds
        self._deadline = 0.0
        self._client: smtplib.SMTP | None = None
        self._mails = 0

    def deliver(self, envelope_sender: str, address: str, mime: bytes, before_dot: Callable[[], None]) -> Outcome:
        """Try once, within the seconds of a dialogue. See `Transport`."""
        try:
            sender, recipient = wire_address(envelope_sender, "sender"), wire_address(address, "recipient")
        except Unsendable as error:
            return unsendable(error)
        self._deadline = time.monotonic() + self._dialogue_seconds
        try:
            client = self._connected()
        except _Down as down:
            return down.outcome
        return self._transact(client, sender, recipient, _Content(mime, before_dot))

    def close(self) -> None:
        """Take leave of the relay, which may be gone already."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            _limit(client, QUIT_SECONDS)
            client.quit()
        except OSError:
            client.close()

    def _connected(self) -> smtplib.SMTP:
        """The open connection if it still answers, or a new one. Raises _Down."""
        if self._mails >= MAILS_PER_CONNECTION:
            self.close()
        if self._client is not None and not self._is_alive(self._client):
            self._drop()
        if self._client is None:
            self._client = self._relay.connect(min(CONNECT_SECONDS, self._dialogue_seconds))
            self._mails = 0
        return self._client

    def _is_alive(self, client: smtplib.SMTP) -> bool:
        try:
            return self._say(client, "RSET")[0] == OK
        except OSError:
            return False

    def _drop(self) -> None:
        """Forget a connection that is of no more use, without ceremony."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _transact(self, client: smtplib.SMTP, sender: str, recipient: str, content: _Content) -> Outcome:
        self._mails += 1
        try:
            outcome = self._hand_over(client, sender, recipient, content)
        except OSError:  # also what smtplib raises
            self._drop()
            state: Literal["ambiguous", "deferred"] = "ambiguous" if content.is_sent else "deferred"
            return Outcome(state, None, "The connection to the relay broke before it had answered")
        except BaseException:
            self._drop()
            raise
        if outcome.code == CLOSING:
            self._drop()
        return held(f"The relay wants authentication: {outcome.text}", outcome.code) if outcome.code in NOT_LET_IN else outcome

    def _hand_over(self, client: smtplib.SMTP, sender: str, recipient: str, content: _Content) -> Outcome:
        """One transaction; the first refusal ends it."""
        options = _options(client, sender + recipient, content.mime)
        if options is None:
            return Outcome("bounced", None, "The relay cannot carry addresses outside ASCII")
        code, reply = self._say(client, f"MAIL FROM:<{sender}>{options}")
        if code != OK:
            return _refusal(code, reply)
        code, reply = self._say(client, f"RCPT TO:<{recipient}>")
        if code not in {OK, 251}:
            return _refusal(code, reply, is_about_recipient=True)
        code, reply = self._say(client, "DATA")
        if code != READY_FOR_DATA:
            return _refusal(code, reply)
        return of_reply(*self._send_content(client, content))

    def _send_content(self, client: smtplib.SMTP, content: _Content) -> tuple[int, bytes]:
        stuffed = LEADING_DOT.sub(b"..", content.mime)
        content.before_dot()
        content.is_sent = True
        self._limit(client)
        client.send(stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"))
        self._limit(client)
        return client.getreply()

    def _say(self, client: smtplib.SMTP, command: str) -> tuple[int, bytes]:
        self._limit(client)
        return client.docmd(command)

    def _limit(self, client: smtplib.SMTP) -> None:
        """The next step may take what the standard grants, but not longer than the dialogue."""
        _limit(client, min(COMMAND_SECONDS, self._deadline - time.monotonic()))


@dataclass
class _Content:
    """A mail, and whether its end may have reached the relay."""

    mime: bytes
    before_dot: Callable[[], None]
    is_sent: bool = False


class _Down(Exception):  # noqa: N818 - says what is so
    """The relay cannot be used now."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


class _Relay:
    """How to get to a relay: address, TLS and credentials, all from its URL."""

    def __init__(self, url: SplitResult, hostname: str) -> None:
        self._host = url.hostname or ""
        self._hostname = hostname
        self._has_implicit_tls = url.scheme == "smtps"
        self._port = url.port or (smtplib.SMTP_SSL_PORT if self._has_implicit_tls else smtplib.SMTP_PORT)
        self._user, self._password = unquote(url.username or ""), unquote(url.password or "")
        self._is_trusted = _is_loopback(self._host) or parse_qs(url.query).get("verify") == ["off"]

    def connect(self, seconds: float) -> smtplib.SMTP:
        """A greeted, encrypted where possible, and authenticated connection. Raises _Down."""
        try:
            client = self._open(seconds)
            try:
                self._greet(client)
            except BaseException:
                client.close()
                raise
        except smtplib.SMTPResponseException as error:
            raise _Down(held(f"The relay refused us: {_decoded(error.smtp_error)}", error.smtp_code)) from error
        except ssl.SSLError as error:
            raise _Down(held(f"TLS with the relay failed: {error.reason or 'no common ground'}")) from error
        except TimeoutError as error:
            raise _Down(held("The relay did not answer in time")) from error
        except smtplib.SMTPException as error:
            raise _Down(held(f"The relay cannot be used: {error}")) from error
        except OSError as error:
            raise _Down(held(f"The relay cannot be reached: {error.strerror or 'no route'}")) from error
        return client

    def _open(self, seconds: float) -> smtplib.SMTP:
        if self._has_implicit_tls:
            return smtplib.SMTP_SSL(self._host, self._port, self._hostname, timeout=seconds, context=self._tls())
        return smtplib.SMTP(self._host, self._port, self._hostname, timeout=seconds)

    def _greet(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        is_encrypted = self._has_implicit_tls
        if not is_encrypted and client.has_extn("starttls"):
            client.starttls(context=self._tls())
            client.ehlo_or_helo_if_needed()
            is_encrypted = True
        if not self._user:
            return
        if not (is_encrypted or self._is_trusted):
            raise smtplib.SMTPException("it offers no TLS, and the password is not sent in the clear")
        client.login(self._user, self._password)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._is_trusted:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _options(client: smtplib.SMTP, addresses: str, mime: bytes) -> str | None:
    """The parameters of MAIL, or None when the relay lacks what the mail needs (RFC 6531)."""
    options = f" SIZE={len(mime)}" if client.has_extn("size") else ""
    head = mime[: mime.find(b"\r\n\r\n")]
    if addresses.isascii() and head.isascii():
        return options
    if not client.has_extn("smtputf8"):
        return None
    client.command_encoding = "utf-8"
    return f"{options} SMTPUTF8" + (" BODY=8BITMIME" if client.has_extn("8bitmime") else "")


def _refusal(code: int, reply: bytes, *, is_about_recipient: bool = False) -> Outcome:
    """An answer that ends the transaction; a positive one in the wrong place is treated as a passing fault."""
    outcome = of_reply(code, reply, is_about_recipient=is_about_recipient)
    return Outcome("deferred", code, outcome.text) if outcome.state == "delivered" else outcome


def _limit(client: smtplib.SMTP, seconds: float) -> None:
    if client.sock is not None:
        client.sock.settimeout(max(seconds, 1.0))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _decoded(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
