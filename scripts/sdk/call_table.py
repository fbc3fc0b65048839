"""The table of calls that each SDK makes: an operation, its arguments, the credentials, and the expected response."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from live_servers import Live, Server

from contract.example_values import merge
from contract.openapi.operations import Operation
from contract.runtime.validators import Validators
from contract.sdk.plan import SdkMethod, SdkPlan
from misarmail_server import document
from misarmail_server.services import keys
from tests.support.calls.every_operation import CALLS

BASE = "/api"
NO_CREDENTIALS: dict[str, str] = {}
UNKNOWN = "x" * 300  # too long for any id
TOO_MUCH = "x" * 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """One call. `tamper` names a change to the request on its way; `iterate` reads all pages and expects that many items."""

    operation: str
    url: str
    status: int
    code: str | None = None
    credentials: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    header: dict[str, str] = field(default_factory=dict)
    body: Any = None
    prefer: str | None = None
    tamper: str | None = None
    iterate: int | None = None

    @property
    def written(self) -> dict[str, Any]:
        """The form that the drivers read."""
        return asdict(self)


class Table:
    """Makes rows for the operations of a plan."""

    def __init__(self, plan: SdkPlan) -> None:
        self._calls = {each.operation.id: each for each in plan.methods}
        self._validators = Validators(document.bundle())

    def of(self, operation_id: str, caller: Live) -> Row:
        """A valid call of an operation, after creating what it needs for the caller."""
        operation = self._calls[operation_id].operation
        _, target, options = CALLS[operation_id](caller)
        path, _, query = target.removeprefix(BASE).partition("?")
        values = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", operation.path), path)
        assert values is not None, (operation.path, path)
        return Row(
            operation=operation_id,
            url=caller.url + BASE,
            status=success(operation),
            credentials=caller.credentials,
            path={name: unquote(value) for name, value in values.groupdict().items()},
            query=dict(parse_qsl(query)),
            body=options.get("json"),
        )

    def successes(self, server: Server) -> Iterator[Row]:
        """Every operation, each with a separate account, and every list as pages."""
        for operation_id, call in self._calls.items():
            row = self.of(operation_id, server.caller("ada@example.com" if operation_id == "sign_in" else None))
            yield row
            if call.paging:
                yield replace(row, iterate=-1)

    def refusals(self, server: Server) -> Iterator[Row]:
        """Requests that every operation refuses in the same way: no key, no scope, another account's resources, invalid values."""
        outsider = server.caller()
        for operation_id, call in self._calls.items():
            row = self._examples[operation_id]  # all of these are refused before the resource is looked up
            yield from self._credentials(call.operation, row, server, outsider)
            if names := [each.name for each in call.operation.parameters if each.location == "path" and not is_closed(each.schema)]:
                yield replace(row, status=400, code="validation_failed", path=row.path | dict.fromkeys(names, UNKNOWN))
            if call.operation.body:
                yield from self._bodies(call, row)

    def _credentials(self, operation: Operation, row: Row, server: Server, outsider: Live) -> Iterator[Row]:
        if operation.security:
            yield replace(row, status=401, code="unauthenticated", credentials=NO_CREDENTIALS)
            if "404" in operation.responses and "{" in operation.path:
                yield replace(row, status=404, code="not_found", credentials=outsider.credentials)
        needed = {scope for each in operation.security for scope in each.get("apiKey", ())}
        if needed:
            others = [scope for scope in keys.ALL_SCOPES if scope not in needed]
            other = server.make.key(outsider.account_id, *others)
            yield replace(row, status=403, code="scope_missing", credentials={"api_key": other})

    def _bodies(self, call: SdkMethod, row: Row) -> Iterator[Row]:
        sent = replace(row, body={} if row.body is None else row.body)
        yield replace(sent, status=415, code="unsupported_media_type", tamper="type")
        yield replace(sent, status=400, code="malformed_body", tamper="cut")
        wrong = self._wrong(call.operation, sent.body)
        if wrong is not None:
            yield replace(sent, status=400, code="validation_failed", body=wrong)

    def _wrong(self, operation: Operation, body: Any) -> Any:
        """The body with one value of the right type that breaks its schema; None where there is no such value."""
        assert operation.body is not None
        schema = next(iter(operation.body.media))
        pointer = f"{operation.body.pointer}/content/{schema.replace('/', '~1')}/schema"
        described = merge(document.bundle(), operation.body.media[schema]).get("properties", {})
        closed = {name for name, each in described.items() if is_closed(each)}
        for name, value in body.items() if isinstance(body, dict) else ():
            for wrong in ("", TOO_MUCH) if isinstance(value, str) and name not in closed else ():
                candidate = {**body, name: wrong}
                if not self._validators.at(pointer).is_valid(candidate):
                    return candidate
        return None

    def too_large(self, server: Server) -> Iterator[Row]:
        """Bodies over the limit of a server with a small limit."""
        caller = server.caller()
        for row in self._with_body(caller):
            yield replace(row, status=413, code="body_too_large", tamper="pad")

    def too_many(self, server: Server) -> Iterator[Row]:
        """Calls to a server whose rate limit is zero."""
        caller = server.caller()
        for operation_id, call in self._calls.items():
            if "429" in call.operation.responses:
                yield replace(self.elsewhere(operation_id, caller), status=429, code="rate_limited")

    def _with_body(self, caller: Live) -> Iterator[Row]:
        for operation_id, call in self._calls.items():
            if call.operation.body:
                yield self.elsewhere(operation_id, caller)

    def elsewhere(self, operation_id: str, caller: Live) -> Row:
        """A call that is refused before the resource is looked up; its body is the document's example."""
        row = self._examples[operation_id]
        return replace(row, url=caller.url + BASE, credentials=caller.credentials)

    def remember(self, rows: list[Row]) -> None:
        """Keep the valid calls for the other servers."""
        self._examples = {each.operation: each for each in rows if each.iterate is None}

    def documented(self, url: str) -> Iterator[Row]:
        """Every documented response of every operation, from a mock that returns the requested one."""
        for operation_id, call in self._calls.items():
            row = replace(self._examples[operation_id], url=url + BASE, credentials={"api_key": "msk_mock", "session": "mock"})
            for status in call.operation.responses:
                yield replace(row, status=int(status), prefer=f"code={status}")


def is_closed(schema: Any) -> bool:
    """Whether a value is an enumeration, for which SDKs cannot send other values."""
    return "enum" in merge(document.bundle(), schema)


def success(operation: Operation) -> int:
    """The first success that an operation documents; 403 for one that does not run in this version."""
    if "x-unavailable" in operation.node:
        return 403
    return min(int(status) for status in operation.responses if status.startswith("2"))
