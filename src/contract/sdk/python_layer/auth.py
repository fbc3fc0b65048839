"""Credentials: API keys, bearer tokens, user names with passwords, and tokens by OAuth 2 client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from .encoding import Style, encode_query
from .operation import Operation
from .problems import InvalidArgumentError
from .request import Request

COOKIE_TEXT = re.compile(r"[!-:<-~]*")  # RFC 6265, section 4.1.1, with what servers send besides
EXPIRY_MARGIN = 30.0  # seconds before its end at which a token is replaced


@dataclass(frozen=True, slots=True)
class Scheme:
    """Where a credential is sent: in a `header`, in the `query` or in a `cookie`, under a name; `prefix` precedes it."""

    location: str
    name: str
    prefix: str = ""
    token_url: str | None = None


@dataclass(slots=True)
class ClientCredentials:
    """An OAuth 2 client. Its token is requested when it is needed, kept until it expires, and renewed once if it is refused.

    `token_url` replaces that of the document.
    """

    client_id: str
    client_secret: str = field(repr=False)
    scopes: Sequence[str] = ()
    token_url: str | None = None
    _token: str | None = field(default=None, repr=False)
    _expires_at: float = 0.0

    def token(self) -> str | None:
        """The token, if it is valid."""
        return self._token if time.monotonic() < self._expires_at else None

    def request(self, scheme: Scheme) -> dict[str, Any]:
        """The request for a token."""
        data = {"grant_type": "client_credentials"} | ({"scope": " ".join(self.scopes)} if self.scopes else {})
        name, secret = _form_encoded(self.client_id), _form_encoded(self.client_secret)
        headers = {"Authorization": basic(name, secret), "Accept": "application/json"}
        return {"method": "POST", "url": self.token_url or scheme.token_url or "", "data": data, "headers": headers}

    def accept(self, answer: Any) -> str | None:
        """Keep the token of a response; None if it has none."""
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            return None
        lifetime = answer.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 3600.0
        self._token, self._expires_at = token, time.monotonic() + max(0.0, seconds - EXPIRY_MARGIN)
        return token

    def forget(self, token: str | None) -> None:
        """Drop a token that a server refused, unless it was replaced already."""
        if token == self._token:
            self._token = None
            self._expires_at = 0.0


class Credentials:
    """The credentials of a client, by the argument's name."""

    def __init__(self, schemes: Mapping[str, Scheme], values: Mapping[str, Any]) -> None:
        self._schemes = schemes
        self._values = {name: value for name, value in values.items() if value is not None}

    def used_by(self, operation: Operation[Any]) -> tuple[str, ...]:
        """The credentials of the first alternative for which the client has all; without one, those that it has."""
        complete = (names for names in operation.security if names and all(name in self._values for name in names))
        partial = tuple(dict.fromkeys(name for names in operation.security for name in names if name in self._values))
        return next(complete, partial)

    def oauth(self, names: Sequence[str]) -> tuple[ClientCredentials, Scheme] | None:
        """The OAuth 2 client among some credentials."""
        pairs = [(self._values[name], self._schemes[name]) for name in names if isinstance(self._values[name], ClientCredentials)]
        return next(iter(pairs), None)

    def apply(self, request: Request, names: Sequence[str], token: str | None) -> None:
        """Add credentials to a request. A value that the request already has under that name stays; a cookie is sent as the server set it.

        Raises InvalidArgumentError, whose text does not show the credential.
        """
        for name in names:
            scheme, value = self._schemes[name], self._values[name]
            text = token or "" if isinstance(value, ClientCredentials) else basic(*value) if isinstance(value, tuple) else value
            if scheme.location == "query":
                _add_missing(request.query, encode_query(Style(scheme.name, "query", "form", explode=True), text)[0])
            elif scheme.location == "cookie":
                if not COOKIE_TEXT.fullmatch(text):
                    raise InvalidArgumentError(f'the cookie "{scheme.name}" has a character that cannot be sent')
                _add_missing(request.cookies, f"{scheme.name}={text}")
            elif not request.has_header(scheme.name):
                request.headers[scheme.name] = text if isinstance(value, tuple) else scheme.prefix + text


def _add_missing(pieces: list[str], piece: str) -> None:
    """Add `name=value` to the query or the cookies of a request, unless an argument or the address of a next page has the name."""
    name = piece.partition("=")[0]
    if all(each.partition("=")[0] != name for known in pieces for each in known.split("&")):
        pieces.append(piece)


def _form_encoded(text: str) -> str:
    """A name or a secret as RFC 6749, section 2.3.1 and appendix B want them, before they are joined."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def basic(name: str, password: str) -> str:
    """The value of `Authorization` for a user name and a password (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"
