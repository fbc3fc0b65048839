"""Posting to a URL that a tenant named: no redirects, no private networks unless allowed, one deadline over all of it."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from typing_extensions import override

from misarmail_server.outside.targets import UnreachableError, connect


class Answered(NamedTuple):
    """What came of a post: the receiver's status, or why there is none."""

    status: int | None
    error: str | None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver answered with a success."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, allows_private: bool) -> Answered:
    """POST a body and read the status of the answer, within so many seconds in all. Never raises for what the other side does."""
    return _exchange("POST", url, body, headers, seconds=seconds, allows_private=allows_private)


def get(url: str, *, seconds: float, allows_private: bool) -> Answered:
    """GET a URL and read the status of the answer, as `post` does."""
    return _exchange("GET", url, None, {}, seconds=seconds, allows_private=allows_private)


def _exchange(method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, seconds: float, allows_private: bool) -> Answered:
    parts = urlsplit(url)
    connection = _Connection(parts.scheme == "https", parts.hostname or "", parts.port, seconds, allows_private=allows_private)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    deadline = threading.Timer(seconds, connection.cut)
    deadline.start()
    try:
        connection.request(method, target, body, dict(headers))
        status = connection.getresponse().status
    except UnreachableError as error:
        return Answered(None, str(error))
    except TimeoutError:
        return Answered(None, _late(seconds))
    except ssl.SSLError as error:
        return Answered(None, f"The receiver speaks no TLS we trust: {error.reason or 'the handshake failed'}")
    except (OSError, http.client.HTTPException):
        return Answered(None, _late(seconds) if connection.was_cut else "The receiver broke off or does not speak HTTP")
    finally:
        deadline.cancel()
        connection.close()
    return Answered(status, None if 200 <= status < 300 else f"The receiver answered {status}")  # noqa: PLR2004 - see above


def _late(seconds: float) -> str:
    return f"The receiver did not answer in {seconds:g} seconds"


class _Connection(http.client.HTTPConnection):
    """Connects only where it may; `cut` ends it from another thread."""

    def __init__(self, is_secure: bool, host: str, port: int | None, seconds: float, *, allows_private: bool) -> None:  # noqa: FBT001 - of the URL
        super().__init__(host, port or (443 if is_secure else 80), timeout=seconds)
        self._is_secure = is_secure
        self._seconds = seconds
        self._allows_private = allows_private
        self.was_cut = False

    @override
    def connect(self) -> None:
        plain = connect(self.host, self.port, seconds=self._seconds, allows_private=self._allows_private)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host) if self._is_secure else plain

    def cut(self) -> None:
        """The deadline: whatever waits for the other side wakes up with an error."""
        self.was_cut = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is closed already
                return
