"""A record of what a Schemathesis run showed, for `contract coverage`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract.openapi.references import Json
from contract.traffic.exchange import Exchange, HttpMessage
from contract.traffic.observing import Observation, Observer


class FuzzRecord:
    """Collects the observations of interactions, in their order."""

    def __init__(self, bundle: Json, url: str) -> None:
        self._observer = Observer(bundle)
        self._base = urlsplit(url).path.rstrip("/")
        self._observations: dict[Observation, None] = {}

    def add(self, interaction: Any) -> None:
        """Observe one of Schemathesis's interactions."""
        request, response = interaction.request, interaction.response
        if response is None:
            return
        request_message, response_message = (
            HttpMessage(_flat(request.headers), request.body or b""),
            HttpMessage(_flat(response.headers), response.content or b""),
        )
        exchange = Exchange(request.method.upper(), request.uri, response.status_code, request_message, response_message)
        self._observations |= dict.fromkeys(self._observer.observe(exchange.path.removeprefix(self._base) or "/", exchange))

    def write(self, path: Path) -> None:
        """Write the record, one JSON object per line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "".join(
                json.dumps({name: value for name, value in observation._asdict().items() if value}) + "\n"
                for observation in self._observations
            )
        )


def _flat(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, values in headers.items() for value in values)
