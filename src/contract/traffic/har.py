"""HAR files (HTTP Archive 1.2), as browsers and proxies write them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from contract.errors import ContractError
from contract.openapi.references import Json
from contract.traffic.exchange import Exchange, Fields, HttpMessage

FIRST_STATUS = 100  # browsers write 0 for a request without a response


def read(path: Path, text: str) -> Iterator[Exchange]:
    """The exchanges of a file that have a response. Raises ContractError for a file that is not HAR."""
    entries = _entries(path, text)
    for number, entry in enumerate(entries, 1):
        try:
            exchange = _exchange(entry, f"{path}: entry {number}")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ContractError(f"{path}:1:1: entry {number} is not a HAR entry: {_reason(error)}") from error
        if exchange.status >= FIRST_STATUS:
            yield exchange


def _entries(path: Path, text: str) -> list[Any]:
    try:
        entries = json.loads(text)["log"]["entries"]
    except json.JSONDecodeError as error:
        raise ContractError(f"{path}:{error.lineno}:{error.colno}: is not valid JSON: {error.msg}") from error
    except (KeyError, TypeError) as error:
        raise ContractError(f"{path}:1:1: is not a HAR file: it has no log.entries") from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, deeply nested brackets
        raise ContractError(f"{path}:1:1: is not a HAR file: it is nested too deeply or has a number that is too long") from error
    if not isinstance(entries, list):
        raise ContractError(f"{path}:1:1: is not a HAR file: log.entries is not a list")
    return entries


def _exchange(entry: Json, location: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    request_message = HttpMessage(_fields(request), _request_body(request.get("postData")))
    response_message = HttpMessage(_fields(response), _response_body(response.get("content") or {}))
    return Exchange(
        str(request["method"]).upper(), str(request["url"]), int(response["status"]), request_message, response_message, location
    )


def _fields(message: Json) -> Fields:
    return tuple((str(header["name"]), str(header["value"])) for header in message.get("headers", ()))


def _request_body(data: Json | None) -> bytes | None:
    """The body of a request. A form that is given by its parameters is encoded; one with files is unknown."""
    if not data:
        return b""
    if data.get("text"):
        return str(data["text"]).encode()
    pairs = [(str(parameter["name"]), str(parameter.get("value", ""))) for parameter in data.get("params", ())]
    if str(data.get("mimeType", "")).startswith("multipart/"):
        return None
    return urlencode(pairs).encode()


def _response_body(content: Json) -> bytes | None:
    """The body of a response, None if it was left out."""
    text = content.get("text")
    if text is None:
        return None if content.get("size", 0) else b""
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError("its content is not base64") from error
    return str(text).encode()


def _reason(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)
