"""One request and its answer, as a HAR file, the server's recorder or a test tells of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from contract.runtime.media import essence, is_json

Fields = tuple[tuple[str, str], ...]
ABSENT = object()  # what a body gives that is no JSON, or was not recorded


@dataclass(frozen=True, slots=True)
class Message:
    """Header fields and a body; None for a body that was not recorded."""

    headers: Fields
    body: bytes | None

    def header(self, name: str) -> str | None:
        """The value of a field, whatever its case; the first of several."""
        return next((value for written, value in self.headers if written.lower() == name.lower()), None)

    @property
    def media_type(self) -> str:
        """The essence of Content-Type, empty where there is none."""
        return essence(self.header("Content-Type") or "")

    @property
    def json(self) -> Any:
        """The body's JSON value, ABSENT where it has none."""
        if not self.body or not is_json(self.media_type):
            return ABSENT
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return ABSENT


@dataclass(frozen=True, slots=True)
class Exchange:
    """`url` is absolute or begins with the path; `place` says where it is written, for findings."""

    method: str
    url: str
    status: int
    request: Message
    answer: Message
    location: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for a URL that is none."""
        urlsplit(self.url)

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(urlsplit(self.url).path) or "/"

    @property
    def query(self) -> Fields:
        """The query's pairs, decoded."""
        return tuple(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def host(self) -> str:
        """`host:port` in lower case, empty where the URL has none."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()
