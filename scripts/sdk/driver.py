"""Make the calls of a table with the built Python package, in an environment that has nothing else. Words: PACKAGE TABLE ANSWERS."""

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
Found = dict[str, Any]


class OnTheWay(httpx.BaseTransport):
    """Sends requests, changed as a row says; remembers the status of the last answer and the idempotency keys that were sent."""

    def __init__(self, pool: httpx.BaseTransport) -> None:
        self._pool = pool
        self.tamper: str | None = None
        self.status = 0
        self.attempts = 0
        self.keys: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer 503 by itself twice where the row is flaky."""
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
    """A JSON value as the type that a method is annotated with."""
    for one in choices(hint):
        try:
            return exactly(value, one)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    raise TypeError(f"{value!r} is no {hint}")


def choices(hint: Any) -> list[Any]:
    """The parts of a union."""
    return list(typing.get_args(hint)) if typing.get_origin(hint) in {typing.Union, types.UnionType} else [hint]


def exactly(value: Any, hint: Any) -> Any:
    """A JSON value as one type. Raises for what cannot be it."""
    if hint is Any:
        return value
    if typing.get_origin(hint) is list:
        return [convert(one, typing.get_args(hint)[0]) for one in value]
    if hint is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if hint is dt.date:
        return dt.date.fromisoformat(value)
    if hint is sdk.File:
        return sdk.File(payload=BytesIO(value.encode()))
    return of_class(value, hint)


def of_class(value: Any, hint: Any) -> Any:
    """A model, an enumeration's member, or a plain value, which a query has as text."""
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
    """A name whatever its case and dashes."""
    return re.sub(r"[\W_]", "", name).lower()


def call(client: Any, row: Found, way: OnTheWay) -> Found:
    """Make one call by its own method; what came of it."""
    group = getattr(client, row["group"])
    function = getattr(group, row["iterator"] if row["iterate"] is not None else row["method"])
    given = {plain(name): value for part in ("path", "query", "header") for name, value in row[part].items()}
    given |= {} if row["body"] is None else {"body": row["body"]}
    hints = typing.get_type_hints(function, vars(sys.modules[type(group).__module__]))
    names = {plain(name): name for name in inspect.signature(function).parameters}
    arguments = {names[name]: convert(value, hints[names[name]]) for name, value in given.items()}
    found = function(**arguments)
    count = sum(1 for _ in found) if row["iterate"] is not None else None
    return {"status": way.status, "answer": type(found).__name__, "count": count}


def tried(pool: httpx.BaseTransport, row: Found) -> Found:
    """One row with a client of its own on the common pool."""
    way = OnTheWay(pool)
    way.tamper = row["tamper"]
    headers = {"Prefer": row["prefer"]} if row["prefer"] else {}
    retries = sdk.Retries(attempts=4 if row["tamper"] == "flaky" else 1)
    client = sdk.Client(row["url"], **row["credentials"], headers=headers, retries=retries, transport=way)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = call(client, row, way)
        except sdk.ApiError as error:
            found = {
                "status": error.status,
                "error": type(error).__name__,
                "code": error.code,
                "request_id": error.request_id,
                "retry_after": error.retry_after,
                "has_fields": bool(error.field_errors or error.form_errors),
            }
        except (sdk.SdkError, TypeError, KeyError, AttributeError) as error:
            found = {"status": way.status, "failure": repr(error)}
    deprecated = any(issubclass(one.category, DeprecationWarning) for one in warned)
    return found | {"attempts": way.attempts, "keys": len(way.keys), "deprecated": deprecated}


def verified(row: Found) -> Found:
    """A webhook that was really posted is taken, a changed one is not."""
    event = sdk.verify(row["body"].encode(), row["headers"], row["secret"])
    try:
        sdk.verify(row["body"].encode() + b" ", row["headers"], row["secret"])
    except sdk.WebhookVerificationError:
        return {"status": 200, "event": event["id"]}
    return {"status": 200, "failure": "a changed body was taken"}


def main() -> None:
    """Every row of the table, one line of answers each."""
    rows = [json.loads(line) for line in Path(TABLE).read_text("utf-8").splitlines()]
    with httpx.HTTPTransport() as pool, Path(ANSWERS).open("w", encoding="utf-8") as answers:
        for row in rows:
            found = verified(row) if "secret" in row else tried(pool, row)
            answers.write(json.dumps(found) + "\n")
            answers.flush()


main()
