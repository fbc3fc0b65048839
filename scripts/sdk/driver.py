"""Make the calls of a table with the built Python package, in a separate environment. Arguments: PACKAGE TABLE ANSWERS."""

from __future__ import annotations

import datetime as dt
import enum
import importlib
import inspect
import json
import re
import sys
import types
import typing
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx

PACKAGE, TABLE, ANSWERS = sys.argv[1:4]
sdk = importlib.import_module(PACKAGE)
Fields = dict[str, Any]


class TamperingTransport(httpx.BaseTransport):
    """Sends requests, changed as a row says; records the status of the last response and the idempotency keys that were sent."""

    def __init__(self, pool: httpx.BaseTransport) -> None:
        self._pool = pool
        self.tamper: str | None = None
        self.status = 0
        self.attempts = 0
        self.keys: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return 503 twice without the server where the row is flaky."""
        self.attempts += 1
        self.keys.add(request.headers.get("Idempotency-Key", ""))
        if self.tamper == "flaky" and self.attempts <= 2:  # noqa: PLR2004 - twice
            return httpx.Response(503, headers={"Retry-After": "0"}, request=request)
        response = self._pool.handle_request(self._changed(request))
        self.status = response.status_code
        return response

    def _changed(self, request: httpx.Request) -> httpx.Request:
        method, content, headers = request.method, request.read(), dict(request.headers)
        headers.pop("content-length", None)
        match self.tamper:
            case "type":
                headers["content-type"] = "application/x-www-form-urlencoded"
            case "cut":
                content = b"{"
            case "pad":
                content = content + b" " * 2_000
            case "method":
                method = "PURGE"
        return httpx.Request(method, request.url, headers=headers, content=content, extensions=request.extensions)


def convert(value: Any, hint: Any) -> Any:
    """A JSON value as the annotated type of a method."""
    for each in choices(hint):
        try:
            return exactly(value, each)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    raise TypeError(f"{value!r} is not a {hint}")


def choices(hint: Any) -> list[Any]:
    """The parts of a union."""
    return list(typing.get_args(hint)) if typing.get_origin(hint) in {typing.Union, types.UnionType} else [hint]


def exactly(value: Any, hint: Any) -> Any:
    """A JSON value as one type. Raises when it cannot be converted."""
    if hint is Any:
        return value
    if typing.get_origin(hint) is list:
        return [convert(each, typing.get_args(hint)[0]) for each in value]
    if hint is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if hint is dt.date:
        return dt.date.fromisoformat(value)
    if hint is sdk.File:
        return sdk.File(payload=BytesIO(value.encode()))
    return of_class(value, hint)


def of_class(value: Any, hint: Any) -> Any:
    """A model, a member of an enumeration, or a plain value, which is text in a query."""
    if hasattr(hint, "from_dict"):
        return hint.from_dict(value)
    if issubclass(hint, enum.Enum):
        return hint(value)
    if hint is bool and isinstance(value, str):
        return {"true": True, "false": False}[value]
    if hint in {int, float} and isinstance(value, str):
        return hint(value)
    if not isinstance(value, hint):
        raise TypeError(value)
    return value


def plain(name: str) -> str:
    """A name without its case and dashes."""
    return re.sub(r"[\W_]", "", name).lower()


def call(client: Any, row: Fields, transport: TamperingTransport) -> Fields:
    """Make one call by its method, and return the result."""
    group = getattr(client, row["group"])
    function = getattr(group, row["iterator"] if row["iterate"] is not None else row["method"])
    given = {plain(name): value for part in ("path", "query", "header") for name, value in row[part].items()}
    given |= {} if row["body"] is None else {"body": row["body"]}
    hints = typing.get_type_hints(function, vars(sys.modules[type(group).__module__]))
    names = {plain(name): name for name in inspect.signature(function).parameters}
    arguments = {names[name]: convert(value, hints[names[name]]) for name, value in given.items()}
    result = function(**arguments)
    count = sum(1 for _ in result) if row["iterate"] is not None else None
    return {"status": transport.status, "answer": type(result).__name__, "count": count}


def tried(pool: httpx.BaseTransport, row: Fields) -> Fields:
    """Make the call of one row with a new client on the common pool."""
    transport = TamperingTransport(pool)
    transport.tamper = row["tamper"]
    headers = {"Prefer": row["prefer"]} if row["prefer"] else {}
    retries = sdk.Retries(attempts=4 if row["tamper"] == "flaky" else 1)
    client = sdk.Client(row["url"], **row["credentials"], headers=headers, retries=retries, transport=transport)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            result = call(client, row, transport)
        except sdk.ApiError as error:
            result = {
                "status": error.status,
                "error": type(error).__name__,
                "code": error.code,
                "request_id": error.request_id,
                "retry_after": error.retry_after,
                "has_fields": bool(error.field_errors or error.form_errors),
            }
        except (sdk.SdkError, TypeError, KeyError, AttributeError) as error:
            result = {"status": transport.status, "failure": repr(error)}
    deprecated = any(issubclass(each.category, DeprecationWarning) for each in warned)
    return result | {"attempts": transport.attempts, "keys": len(transport.keys), "deprecated": deprecated}


def verified(row: Fields) -> Fields:
    """Check that a posted webhook is accepted and a changed one is not."""
    event = sdk.verify(row["body"].encode(), row["headers"], row["secret"])
    try:
        sdk.verify(row["body"].encode() + b" ", row["headers"], row["secret"])
    except sdk.WebhookVerificationError:
        return {"status": 200, "event": event["id"]}
    return {"status": 200, "failure": "a changed body was accepted"}


def main() -> None:
    """Make the call of every row of the table and write a line for each."""
    rows = [json.loads(line) for line in Path(TABLE).read_text("utf-8").splitlines()]
    with httpx.HTTPTransport() as pool, Path(ANSWERS).open("w", encoding="utf-8") as answers:
        for row in rows:
            result = verified(row) if "secret" in row else tried(pool, row)
            answers.write(json.dumps(result) + "\n")
            answers.flush()


main()
