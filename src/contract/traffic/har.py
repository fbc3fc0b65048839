"""HAR files (HTTP Archive 1.2), as browsers and proxies write them, read as exchanges."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from contract.errors import ContractError
from contract.openapi.operations import Json
from contract.traffic.exchange import Exchange, Fields, Message

FIRST_STATUS = 100  # browsers write 0 for what was never answered


def read(path: Path, text: str) -> Iterator[Exchange]:
    """The exchanges of a file that were answered. Raises ContractError for what is no HAR."""
    entries = _entries(path, text)
    for number, entry in enumerate(entries, 1):
        try:
            found = _exchange(entry, f"{path}: entry {number}")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ContractError(f"{path}:1:1: entry {number} is not a HAR entry: {_why(error)}") from error
        if found.status >= FIRST_STATUS:
            yield found


def _entries(path: Path, text: str) -> list[Any]:
    try:
        entries = json.loads(text)["log"]["entries"]
    except json.JSONDecodeError as error:
        raise ContractError(f"{path}:{error.lineno}:{error.colno}: is not valid JSON: {error.msg}") from error
    except (KeyError, TypeError) as error:
        raise ContractError(f"{path}:1:1: is not a HAR file: it has no log.entries") from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, brackets within brackets
        raise ContractError(f"{path}:1:1: is not a HAR file: it is nested too deeply or has too long a number") from error
    if not isinstance(entries, list):
        raise ContractError(f"{path}:1:1: is not a HAR file: log.entries is not a list")
    return entries


def _exchange(entry: Json, place: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    sent = Message(_fields(request), _posted(request.get("postData")))
    got = Message(_fields(response), _content(response.get("content") or {}))
    return Exchange(str(request["method"]).upper(), str(request["url"]), int(response["status"]), sent, got, place)


def _fields(message: Json) -> Fields:
    return tuple((str(one["name"]), str(one["value"])) for one in message.get("headers", ()))


def _posted(data: Json | None) -> bytes | None:
    """A request's body. A form that is told by its parameters is written out, one with files is not known."""
    if not data:
        return b""
    if data.get("text"):
        return str(data["text"]).encode()
    pairs = [(str(one["name"]), str(one.get("value", ""))) for one in data.get("params", ())]
    if str(data.get("mimeType", "")).startswith("multipart/"):
        return None
    return urlencode(pairs).encode()


def _content(content: Json) -> bytes | None:
    """An answer's body, None where it was left out."""
    text = content.get("text")
    if text is None:
        return None if content.get("size", 0) else b""
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError("its content is not base64") from error
    return str(text).encode()


def _why(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)
