"""Signing in to a tenant's mail servers by IMAP (RFC 9051) and SMTP (RFC 4954), to check the credentials."""

from __future__ import annotations

import imaplib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from misarmail_server.external.deadlines import Deadline
from misarmail_server.external.ssrf_guard import UnreachableError, connect, upgraded

TIMEOUT_SECONDS = 10.0
TLS_PORTS = {993, 465}  # implicit TLS (RFC 8314, section 3); other ports use STARTTLS


@dataclass(frozen=True, slots=True)
class MailboxLogin:
    """A server to sign in to."""

    host: str
    port: int
    username: str
    password: str
    allows_private: bool

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, where nobody can listen in and TLS may be missing."""
        try:
            return self.allows_private and ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def try_imap(login: MailboxLogin) -> str | None:
    """Sign in by IMAP; None if it worked, else why not."""
    return _tried(login, _imap, (imaplib.IMAP4.error,))


def try_smtp(login: MailboxLogin) -> str | None:
    """Sign in by SMTP; None if it worked, else why not."""
    return _tried(login, _smtp, (smtplib.SMTPException,))


def _tried(login: MailboxLogin, attempt: Callable[[MailboxLogin, Deadline], None], refusals: tuple[type[Exception], ...]) -> str | None:
    with Deadline(TIMEOUT_SECONDS) as deadline:
        reason = _reason(login, attempt, refusals, deadline)
        return f"{login.host} broke off: it took too long" if deadline.is_over else reason


def _reason(
    login: MailboxLogin, attempt: Callable[[MailboxLogin, Deadline], None], refusals: tuple[type[Exception], ...], deadline: Deadline
) -> str | None:
    try:
        attempt(login, deadline)
    except UnreachableError as error:
        return str(error)
    except ssl.SSLError as error:
        return f"{login.host} has no trusted TLS: {error.reason or 'the handshake failed'}"
    except OSError as error:
        # smtplib's own errors are OSErrors too.
        return _refused(login, error) if isinstance(error, refusals) else f"{login.host} broke off: {error.strerror or 'it took too long'}"
    except refusals as error:
        return _refused(login, error)
    return None


def _refused(login: MailboxLogin, error: Exception) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError | _PlainOnlyError):
        return f"{login.host} offers no TLS or no way to log in on port {login.port}"
    return f"{login.host} refused the name or the password"


class _PlainOnlyError(imaplib.IMAP4.error):
    """The server would receive the password in the clear."""


def _imap(login: MailboxLogin, deadline: Deadline) -> None:
    client = _Imap(login, deadline)
    try:
        if login.port not in TLS_PORTS and not login.is_local:
            if "STARTTLS" not in client.capabilities:
                raise _PlainOnlyError
            client.starttls(ssl.create_default_context())
        client.login(login.username, login.password)
    finally:
        client.shutdown()


def _smtp(login: MailboxLogin, deadline: Deadline) -> None:
    client = _Smtp(login, deadline)
    try:
        client.ehlo()
        if login.port not in TLS_PORTS and not login.is_local:
            client.starttls(context=ssl.create_default_context())
            client.ehlo()
        client.login(login.username, login.password)
    finally:
        client.close()


class _Imap(imaplib.IMAP4):
    """Connects only where that is allowed, with implicit TLS on its port."""

    def __init__(self, login: MailboxLogin, deadline: Deadline) -> None:
        self._login = login
        self._deadline = deadline
        super().__init__(login.host, login.port, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, _timeout: float | None) -> socket.socket:
        return _opened(self._login, self._deadline)


class _Smtp(smtplib.SMTP):
    """Connects only where that is allowed, with implicit TLS on its port."""

    def __init__(self, login: MailboxLogin, deadline: Deadline) -> None:
        self._login = login
        self._deadline = deadline
        super().__init__(login.host, login.port, timeout=TIMEOUT_SECONDS)

    def _get_socket(self, _host: str, _port: int, _timeout: float) -> Any:
        return _opened(self._login, self._deadline)


def _opened(login: MailboxLogin, deadline: Deadline) -> socket.socket:
    plain = connect(login.host, login.port, deadline, allows_private=login.allows_private)
    return upgraded(plain, login.host) if login.port in TLS_PORTS else plain
