"""The recorder's files: one exchange per line, as JSON. Secrets are masked before they are written.

A line: `{"at": ms, "method": ..., "url": ..., "status": ..., "request": {"headers": [[name, value]...], "body": text}, "answer": {...}}`. A
body that is not UTF-8 is `{"base64": ...}`; one that was not recorded is null.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract.errors import ContractError
from contract.openapi.references import Json
from contract.traffic.exchange import Exchange, HttpMessage


def line(exchange: Exchange, at: int) -> bytes:
    """An exchange as a line; `at` is in milliseconds since 1970."""
    return (
        json.dumps(
            {
                "at": at,
                "method": exchange.method,
                "url": exchange.url,
                "status": exchange.status,
                "request": _as_object(exchange.request),
                "answer": _as_object(exchange.response),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        + b"\n"
    )


def read(path: Path, text: str) -> Iterator[Exchange]:
    """The exchanges of a file. An unfinished last line is ignored. Raises ContractError for other text."""
    for number, text_line in enumerate(text.split("\n")[:-1], 1):
        if not text_line.strip():
            continue
        location = f"{path}:{number}"
        try:
            yield _exchange(json.loads(text_line), location)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise ContractError(f"{location}:1: is not a recorded exchange") from error


def _exchange(record: Json, location: str) -> Exchange:
    request, response = _message(record["request"]), _message(record["answer"])
    return Exchange(str(record["method"]).upper(), str(record["url"]), int(record["status"]), request, response, location)


def _as_object(message: HttpMessage) -> Json:
    return {"headers": [list(pair) for pair in message.headers], "body": _body(message.body)}


def _body(body: bytes | None) -> Any:
    if body is None:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _message(record: Json) -> HttpMessage:
    body = record["body"]
    if isinstance(body, dict):
        content: bytes | None = base64.b64decode(body["base64"], validate=True)
    else:
        content = None if body is None else str(body).encode()
    return HttpMessage(tuple((str(name), str(value)) for name, value in record["headers"]), content)
