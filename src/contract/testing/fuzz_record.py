"""What a run of Schemathesis showed of the document, kept for `contract coverage`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract.openapi.operations import Json
from contract.traffic.exchange import Exchange, Message
from contract.traffic.observing import Observer, Seen


class Record:
    """Fed with interactions in their order, written at the end."""

    def __init__(self, bundle: Json, url: str) -> None:
        self._observer = Observer(bundle)
        self._base = urlsplit(url).path.rstrip("/")
        self._seen: dict[Seen, None] = {}

    def add(self, interaction: Any) -> None:
        """Look at one of Schemathesis's interactions."""
        request, response = interaction.request, interaction.response
        if response is None:
            return
        sent, got = Message(_flat(request.headers), request.body or b""), Message(_flat(response.headers), response.content or b"")
        exchange = Exchange(request.method.upper(), request.uri, response.status_code, sent, got)
        self._seen |= dict.fromkeys(self._observer.see(exchange.path.removeprefix(self._base) or "/", exchange))

    def write(self, path: Path) -> None:
        """The record, one JSON object a line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps({name: value for name, value in one._asdict().items() if value}) + "\n" for one in self._seen))


def _flat(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, values in headers.items() for value in values)
