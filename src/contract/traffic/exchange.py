"""One request and its response, from a HAR file, the server's recorder or a test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from contract.runtime.media import essence, is_json

Fields = tuple[tuple[str, str], ...]
ABSENT = object()  # the value of a body that is not JSON or was not recorded


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """The headers and the body; None for a body that was not recorded."""

    headers: Fields
    body: bytes | None

    def header(self, name: str) -> str | None:
        """The value of a header, case-insensitively; the first of several."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def media_type(self) -> str:
        """The essence of Content-Type, empty without one."""
        return essence(self.header("Content-Type") or "")

    @property
    def json(self) -> Any:
        """The JSON value of the body, ABSENT without one."""
        if not self.body or not is_json(self.media_type):
            return ABSENT
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return ABSENT


@dataclass(frozen=True, slots=True)
class Exchange:
    """`url` is absolute or begins with the path; `location` is where the exchange is recorded, for findings."""

    method: str
    url: str
    status: int
    request: HttpMessage
    response: HttpMessage
    location: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for an invalid URL."""
        urlsplit(self.url)

    @property
    def path(self) -> str:
        """The decoded path. A slash inside a segment stays `%2F`, because it does not separate segments."""
        return "/".join(unquote(segment).replace("/", "%2F") for segment in urlsplit(self.url).path.split("/")) or "/"

    @property
    def query(self) -> Fields:
        """The decoded pairs of the query."""
        return tuple(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def host(self) -> str:
        """`host:port` in lower case, empty if the URL has none."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()
