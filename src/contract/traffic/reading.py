"""Traffic files of any kind, and the exchanges of a document in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from contract.errors import ContractError
from contract.openapi.references import Json
from contract.traffic import har, record_files
from contract.traffic.exchange import Exchange

VARIABLE = re.compile(r"\{[^{}]*\}")
HAR_BEGINNING = re.compile(r'\s*\{\s*"log"\s*:')


class Base:
    """The base of a document's paths: its `servers`, or a given URL. A relative one matches any host."""

    def __init__(self, bundle: Json, url: str | None = None) -> None:
        self.urls = [url] if url else [str(server.get("url", "/")) for server in bundle.get("servers") or [{"url": "/"}]]
        self._parts = [(urlsplit(expanded).netloc.lower(), _path(expanded)) for expanded in _filled(bundle, self.urls)]

    def below(self, exchange: Exchange) -> str | None:
        """The exchange's path below the base, None if it is outside."""
        path, host = exchange.path, exchange.host
        for base_host, prefix in self._parts:
            if (not base_host or not host or base_host == host) and (path == prefix or path.startswith(f"{prefix}/")):
                return path[len(prefix) :] or "/"
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


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _filled(bundle: Json, urls: Sequence[str]) -> list[str]:
    """Servers' URLs with the defaults of their variables."""
    variables = [variable for server in bundle.get("servers") or () for variable in server.get("variables", {}).items()]
    defaults = {name: str(variable.get("default", "")) for name, variable in variables}
    return [VARIABLE.sub(lambda match: defaults.get(match[0][1:-1], match[0]), url) for url in urls]
