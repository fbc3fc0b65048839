"""HTTP requests to a URL that a tenant named: no redirects, no private networks unless allowed, one deadline for everything."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from contextlib import closing
from typing import NamedTuple
from urllib.parse import urlsplit

from typing_extensions import override

from misarmail_server.external.deadlines import Deadline
from misarmail_server.external.ssrf_guard import UnreachableError, connect, upgraded


class PostResult(NamedTuple):
    """The result of a request: the receiver's status, or why there is none."""

    status: int | None
    error: str | None

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver replied with a success."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, allows_private: bool) -> PostResult:
    """POST a body and read the status of the response, within `seconds`. Never raises for what the other side does."""
    return _exchange("POST", url, body, headers, seconds=seconds, allows_private=allows_private)


def get(url: str, *, seconds: float, allows_private: bool) -> PostResult:
    """GET a URL and read the status of the response, as `post` does."""
    return _exchange("GET", url, None, {}, seconds=seconds, allows_private=allows_private)


def _exchange(method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, seconds: float, allows_private: bool) -> PostResult:
    with Deadline(seconds) as deadline:
        try:
            connection, target = _connect(url, deadline, allows_private=allows_private)
            with closing(connection):
                connection.request(method, target, body, dict(headers))
                result = _result(connection.getresponse().status)
        except (UnreachableError, OSError, http.client.HTTPException, ValueError) as error:
            result = PostResult(None, _reason(error))
        # A truncated response can look complete: http.client accepts a header block that ends early.
        return PostResult(None, f"The receiver did not respond within {seconds:g} seconds") if deadline.is_over else result


def _connect(url: str, deadline: Deadline, *, allows_private: bool) -> tuple[_Connection, str]:
    """(a connection that connects when it is used, the request target). Raises ValueError for an invalid URL."""
    parts = urlsplit(url)
    connection = _Connection(parts.scheme == "https", parts.hostname or "", parts.port, deadline, allows_private=allows_private)
    return connection, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _result(status: int) -> PostResult:
    return PostResult(status, None if 200 <= status < 300 else f"The receiver responded with {status}")  # noqa: PLR2004 - see above


def _reason(error: Exception) -> str:
    """Why there is no response, for the tenant."""
    if isinstance(error, UnreachableError):
        return str(error)
    if isinstance(error, ssl.SSLError):
        return f"The receiver has no trusted TLS: {error.reason or 'the handshake failed'}"
    if isinstance(error, http.client.InvalidURL | ValueError):  # an invalid port, host or path
        return "The address cannot be posted to"
    return "The receiver broke off or does not speak HTTP"


class _Connection(http.client.HTTPConnection):
    """Connects only where that is allowed, and within the deadline."""

    def __init__(self, is_secure: bool, host: str, port: int | None, deadline: Deadline, *, allows_private: bool) -> None:  # noqa: FBT001 - of the URL
        super().__init__(host, port or (443 if is_secure else 80))
        self._is_secure = is_secure
        self._deadline = deadline
        self._allows_private = allows_private

    @override
    def connect(self) -> None:
        plain = connect(self.host, self.port, self._deadline, allows_private=self._allows_private)
        self.sock = upgraded(plain, self.host) if self._is_secure else plain
