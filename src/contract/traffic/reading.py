"""Traffic files of any kind, and the exchanges of a document in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from contract.errors import ContractError
from contract.openapi.references import Json
from contract.traffic import har, record_files
from contract.traffic.exchange import Exchange

VARIABLE = re.compile(r"\{([^{}]*)\}")
HAR_BEGINNING = re.compile(r'\s*\{\s*"log"\s*:')


class Base:
    """The base of a document's paths: its `servers`, or a given URL. A relative one matches any host, a variable any of its values."""

    def __init__(self, bundle: Json, url: str | None = None) -> None:
        servers: list[Json] = [{"url": url}] if url else bundle.get("servers") or [{"url": "/"}]
        self.urls = [str(server.get("url", "/")) for server in servers]
        self._parts = [_patterns(str(server.get("url", "/")), server.get("variables") or {}) for server in servers]

    def below(self, exchange: Exchange) -> str | None:
        """The exchange's path below the base, None if it is outside."""
        path, host = exchange.path, exchange.host
        for host_pattern, prefix in self._parts:
            match = prefix.match(path)
            if match and (not host_pattern.pattern or not host or host_pattern.fullmatch(host)):
                return path[match.end() :] or "/"
        return None


def exchanges(path: Path, base: Base) -> Iterator[tuple[str, Exchange]]:
    """(path below the base, exchange) of a HAR file or a recorder's file. Raises ContractError if none is with this server."""
    text = text_of(path)
    if not text.strip():
        raise ContractError(f"{path}:1:1: is empty")
    count = 0
    for exchange in har.read(path, text) if is_har(path, text) else record_files.read(path, text):
        below = base.below(exchange)
        if below is not None:
            count += 1
            yield below, exchange
    if not count:
        raise ContractError(f"{path}:1:1: contains no exchange with {' or '.join(base.urls)}; name another server with --url")


def is_har(path: Path, text: str) -> bool:
    """Whether a file is read as HAR."""
    return path.suffix.lower() == ".har" or HAR_BEGINNING.match(text) is not None


def text_of(path: Path) -> str:
    """The text of a file. Raises ContractError."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise ContractError(f"{path}:1:1: cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error


def _patterns(url: str, variables: Json) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The patterns of the host and of the beginning of the path. A variable has its `enum`, otherwise any text of a segment."""
    marks = {name: f"server-variable-{index}" for index, name in enumerate(dict.fromkeys(VARIABLE.findall(url)))}
    parts = urlsplit(VARIABLE.sub(lambda match: marks[match[1]], url))

    def pattern(text: str) -> str:
        escaped = re.escape(text)
        for name, mark in marks.items():
            escaped = escaped.replace(re.escape(mark), _values(variables.get(name) or {}))
        return escaped

    return re.compile(pattern(parts.netloc.lower())), re.compile(f"{pattern(parts.path.rstrip('/'))}(?=/|$)")


def _values(variable: Json) -> str:
    values = [str(value) for value in variable.get("enum") or ()]
    return f"(?:{'|'.join(map(re.escape, values))})" if values else "[^/]+"
