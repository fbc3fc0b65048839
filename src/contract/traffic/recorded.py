"""The recorder's own files: one exchange a line, as JSON. What is secret never reaches the file.

A line: `{"at": ms, "method": ..., "url": ..., "status": ..., "request": {"headers": [[name, value]...], "body": text},
"answer": {...}}`. A body that is no UTF-8 is `{"base64": ...}`; one that was not kept is null.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract.errors import ContractError
from contract.openapi.operations import Json
from contract.traffic.exchange import Exchange, Message


def line(exchange: Exchange, at: int) -> bytes:
    """An exchange as a line; `at` is milliseconds since 1970."""
    return (
        json.dumps(
            {
                "at": at,
                "method": exchange.method,
                "url": exchange.url,
                "status": exchange.status,
                "request": _written(exchange.request),
                "answer": _written(exchange.answer),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        + b"\n"
    )


def read(path: Path, text: str) -> Iterator[Exchange]:
    """The exchanges of a file; a last line that was not finished is left out. Raises ContractError for other text."""
    for number, written in enumerate(text.split("\n")[:-1], 1):
        if not written.strip():
            continue
        place = f"{path}:{number}"
        try:
            yield _exchange(json.loads(written), place)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise ContractError(f"{place}:1: is not a recorded exchange") from error


def _exchange(said: Json, place: str) -> Exchange:
    request, answer = _message(said["request"]), _message(said["answer"])
    return Exchange(str(said["method"]).upper(), str(said["url"]), int(said["status"]), request, answer, place)


def _written(message: Message) -> Json:
    return {"headers": [list(pair) for pair in message.headers], "body": _body(message.body)}


def _body(body: bytes | None) -> Any:
    if body is None:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _message(said: Json) -> Message:
    body = said["body"]
    if isinstance(body, dict):
        content: bytes | None = base64.b64decode(body["base64"], validate=True)
    else:
        content = None if body is None else str(body).encode()
    return Message(tuple((str(name), str(value)) for name, value in said["headers"]), content)
