"""Delivery through a relay: one recipient for each transaction, on a connection that is kept while it works.

A reply about a mail is that mail's outcome; anything that prevents using the relay at all is `held`, and not the mail's fault.
"""

from __future__ import annotations

import ipaddress
import smtplib
import time
from functools import cached_property
from urllib.parse import SplitResult, parse_qs, unquote

from gevent import socket, ssl

from misarmail_server.delivery.envelope import BeforeDot, Envelope
from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.outcomes import Outcome, held, unsendable
from misarmail_server.delivery.smtp.client import RefusedError, SmtpClient, SmtpLogin, Tls, UnsafeError, describe_error, open_session
from misarmail_server.delivery.smtp.transaction import StaleError, on_the_wire, transact

CONNECT_SECONDS = 30.0
QUIT_SECONDS = 5.0
MAILS_PER_CONNECTION = 100
AUTHENTICATION_REPLIES = {530, 534, 535, 538}  # RFC 4954: wrong credentials, which is not the mail's fault


class RelayTransport:
    """A connection to a relay, opened when there is mail and kept while it works. Used by one thread."""

    def __init__(self, url: SplitResult, hostname: str, *, dialogue_seconds: float) -> None:
        self.name = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"  # without credentials
        self._relay = _Relay(url, hostname)
        self._dialogue_seconds = dialogue_seconds
        self._client: SmtpClient | None = None

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """Try once, within the seconds of a session."""
        try:
            envelope = on_the_wire(mail)
        except Unsendable as error:
            return unsendable(error)
        until = time.monotonic() + self._dialogue_seconds
        try:
            return self._transact(self._connected(until), envelope, before_dot)
        except StaleError:
            return self._deliver_anew(envelope, before_dot, until)
        except RelayDownError as down:
            return down.outcome

    def try_out(self) -> str | None:
        """Connect, greet and sign in as for a mail, then quit; returns why that failed, None if it worked."""
        try:
            self._connected(time.monotonic() + self._dialogue_seconds)
        except RelayDownError as down:
            return down.outcome.text
        self.close()
        return None

    def close(self) -> None:
        """Close the connection with QUIT; the relay may have closed it already."""
        client, self._client = self._client, None
        if client is not None:
            client.wire.until = time.monotonic() + QUIT_SECONDS
            client.leave(QUIT_SECONDS)

    def _deliver_anew(self, mail: Envelope, before_dot: BeforeDot, until: float) -> Outcome:
        """Deliver on a new connection, if the relay had closed the old one between two mails."""
        try:
            return self._transact(self._connected(until), mail, before_dot)
        except RelayDownError as down:
            return down.outcome

    def _connected(self, until: float) -> SmtpClient:
        """The open connection if it is usable, or a new one. Raises RelayDownError."""
        client = self._client
        if client is not None and client.mails >= MAILS_PER_CONNECTION:
            self.close()
        elif client is not None and not client.wire.is_quiet():
            self._drop()
        if self._client is None:
            self._client = self._relay.connect(until)
        self._client.wire.until = until
        return self._client

    def _drop(self) -> None:
        """Close a connection that cannot be used any more, without QUIT."""
        client, self._client = self._client, None
        if client is not None:
            client.wire.close()

    def _transact(self, client: SmtpClient, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        is_usable = False
        try:
            outcome = transact(client, mail, before_dot)
            is_usable = not client.is_spent
        except StaleError:
            raise
        except OSError as error:
            return Outcome("deferred", None, f"The connection to the relay broke before it replied: {describe_error(error)}")
        finally:
            if not is_usable:
                self._drop()
        return (
            held(f"The relay requires authentication: {outcome.text}", outcome.code) if outcome.code in AUTHENTICATION_REPLIES else outcome
        )


class RelayDownError(Exception):
    """The relay cannot be used now."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


class _Relay:
    """How to connect to a relay: address, TLS and credentials, from its URL."""

    def __init__(self, url: SplitResult, hostname: str) -> None:
        self._host = url.hostname or ""
        self._hostname = hostname
        is_implicit = url.scheme == "smtps"
        self._port = url.port or (smtplib.SMTP_SSL_PORT if is_implicit else smtplib.SMTP_PORT)
        self._is_implicit = is_implicit
        self._is_trusted = _is_loopback(self._host) or parse_qs(url.query).get("verify") == ["off"]
        user, password = unquote(url.username or ""), unquote(url.password or "")
        self._login = SmtpLogin(user, password, is_sent_in_clear=self._is_trusted) if user else None

    @cached_property
    def _tls(self) -> Tls:
        """Made with the first connection, because loading the authorities takes time."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if self._is_trusted else ssl.create_default_context()
        if self._is_trusted:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return Tls(context, self._host, self._is_implicit)

    def connect(self, until: float) -> SmtpClient:
        """A session that is encrypted where possible and authenticated. Raises RelayDownError."""
        until = min(until, time.monotonic() + CONNECT_SECONDS)
        try:
            connection = socket.create_connection((self._host, self._port), until - time.monotonic())
        except OSError as error:
            raise RelayDownError(held(f"The relay cannot be reached: {describe_error(error)}")) from error
        try:
            return open_session(connection, self._hostname, until, tls=self._tls, login=self._login)
        except RefusedError as error:
            raise RelayDownError(held(f"The relay refused us: {error.reply.text.decode('utf-8', 'replace')}", error.reply.code)) from error
        except UnsafeError as error:
            raise RelayDownError(held(f"The relay cannot be used: {error}")) from error
        except OSError as error:
            raise RelayDownError(held(f"The relay cannot be used: {describe_error(error)}")) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
