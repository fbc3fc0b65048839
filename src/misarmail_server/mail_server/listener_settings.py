"""Addresses and certificate of the SMTP listeners, checked before anything starts."""

from __future__ import annotations

import errno
import socket
import ssl

from misarmail_server.setting_types.values import ListenAddress
from misarmail_server.settings import BadSettingError, Settings

ADVICE = {
    errno.EADDRINUSE: "another program listens there",
    errno.EACCES: "a port below 1024 needs root, CAP_NET_BIND_SERVICE or a redirection from a higher one",
    errno.EADDRNOTAVAIL: "it is not an address of this machine",
}


def require_free(settings: Settings) -> None:
    """Raises BadSettingError for an address that cannot be listened on, and for an invalid certificate."""
    for name, address in (("inbound", settings.inbound_listen), ("submission", settings.submission_listen)):
        if address is not None:
            _require_free(name, address)
    tls_context(settings)


def _require_free(name: str, address: ListenAddress) -> None:
    try:
        family, kind, _, _, location = socket.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(location)
            probe.listen()
    except (OSError, UnicodeError) as error:
        raise taken(name, address, error) from error


def taken(name: str, address: ListenAddress, error: Exception) -> BadSettingError:
    """Why an address cannot be listened on, and what to do about it."""
    advice = ADVICE.get(error.errno or 0) if isinstance(error, OSError) else "it is not a host name"
    reason = advice or (error.strerror if isinstance(error, OSError) else None) or "it cannot be found"
    return BadSettingError(f"MISARMAIL_{name.upper()}_LISTEN is {address.host}:{address.port}, which cannot be listened on: {reason}")


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context for STARTTLS, None without a certificate. Raises BadSettingError for invalid files."""
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:  # also for a file that is not PEM
        sentence = "MISARMAIL_TLS_CERTIFICATE and MISARMAIL_TLS_KEY are not a certificate and its key, in PEM and without a password"
        raise BadSettingError(sentence) from error
    return context
