"""Make the calls of a table with the built Python package, in a separate environment. Arguments: [--async] PACKAGE TABLE ANSWERS."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import re
import sys
import typing
import warnings
from pathlib import Path
from typing import Any

import httpx
import msgspec

PACKAGE, TABLE, ANSWERS = sys.argv[-3:]
IS_ASYNC = "--async" in sys.argv
sdk = importlib.import_module(PACKAGE)
streams = importlib.import_module(f"{PACKAGE}.streams")
Fields = dict[str, Any]


class TamperingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
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

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of the asynchronous client over the same pool."""
        await request.aread()
        response = self.handle_request(request)
        content = response.read()
        headers = {name: value for name, value in response.headers.items() if name not in {"content-encoding", "transfer-encoding"}}
        return httpx.Response(response.status_code, headers=headers, content=content, request=request)

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


def as_model(value: Any, function: Any, group: Any) -> Any:
    """A body as the model that the method accepts; a dictionary where it is none."""
    module = sys.modules[type(group).__module__]
    dicts = importlib.import_module(f"{PACKAGE}.dicts")
    names = {"dicts": dicts, **vars(dicts), **vars(importlib.import_module(f"{PACKAGE}.types"))}
    hint = typing.get_type_hints(function, vars(module), names)["body"]
    decoding = importlib.import_module(f"{PACKAGE}.decoding")
    for choice in typing.get_args(hint) or (hint,):
        if isinstance(choice, type) and issubclass(choice, msgspec.Struct):
            try:
                return decoding.convert(value, choice)
            except msgspec.ValidationError:
                continue
    return value


def plain(name: str) -> str:
    """A name without its case and dashes."""
    return re.sub(r"[\W_]", "", name).lower()


def arguments_of(row: Fields, function: Any, group: Any) -> Fields:
    """The arguments of a row by the names of the method. The synchronous client gets models, the asynchronous one dictionaries."""
    given = {plain(name): value for part in ("path", "query", "header") for name, value in row[part].items()}
    names = {plain(name): name for name in inspect.signature(function).parameters}
    arguments = {names[name]: value for name, value in given.items()}
    if row["body"] is not None:
        arguments["body"] = row["body"] if IS_ASYNC else as_model(row["body"], function, group)
    return arguments


def call(client: Any, row: Fields, transport: TamperingTransport) -> Fields:
    """Make one call by its method, and return the result."""
    group = getattr(client, row["group"])
    function = getattr(group, row["iterator"] if row["iterate"] is not None else row["method"])
    result = function(**arguments_of(row, function, group))
    count = sum(1 for _ in result) if row["iterate"] is not None or isinstance(result, streams.Stream) else None
    return {"status": transport.status, "answer": type(result).__name__, "count": count}


async def call_async(client: Any, row: Fields, transport: TamperingTransport) -> Fields:
    """Make one call with the asynchronous client."""
    async with client:
        group = getattr(client, row["group"])
        function = getattr(group, row["iterator"] if row["iterate"] is not None else row["method"])
        result = function(**arguments_of(row, function, group))
        if row["iterate"] is None:
            result = await result
        is_iterated = row["iterate"] is not None or isinstance(result, streams.AsyncStream)
        count = len([item async for item in result]) if is_iterated else None
    return {"status": transport.status, "answer": type(result).__name__, "count": count}


def tried(pool: httpx.BaseTransport, row: Fields) -> Fields:
    """Make the call of one row with a new client on the common pool."""
    transport = TamperingTransport(pool)
    transport.tamper = row["tamper"]
    headers = {"Prefer": row["prefer"]} if row["prefer"] else {}
    retries = sdk.Retries(attempts=4 if row["tamper"] == "flaky" else 1)
    kind = sdk.AsyncClient if IS_ASYNC else sdk.Client
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            client = kind(row["url"], **row["credentials"], headers=headers, retries=retries, transport=transport)
            result = asyncio.run(call_async(client, row, transport)) if IS_ASYNC else call(client, row, transport)
        except sdk.ApiError as error:
            result = {
                "status": error.status,
                "error": type(error).__name__,
                "code": error.code,
                "request_id": error.request_id,
                "retry_after": error.retry_after,
                "has_fields": bool(error.field_errors or error.form_errors),
                "text": str(error),
            }
        except (sdk.SdkError, TypeError, ValueError, KeyError, AttributeError) as error:
            result = {"status": transport.status, "failure": repr(error)}
    deprecated = any(issubclass(each.category, DeprecationWarning) for each in warned)
    return result | {"attempts": transport.attempts, "keys": len(transport.keys), "deprecated": deprecated}


def verified(row: Fields) -> Fields:
    """Check that a posted webhook is accepted and a changed one is not."""
    event = sdk.verify(row["body"].encode(), row["headers"], row["secret"])
    try:
        sdk.verify(row["body"].encode() + b" ", row["headers"], row["secret"])
    except sdk.WebhookVerificationError:
        return {"status": 200, "event": event.id}
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
