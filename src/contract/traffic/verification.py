"""A document against traffic: what breaks it, what it does not tell of, and what of it nobody uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contract.openapi.operations import Json, Operation, escape, operations
from contract.runtime.media import essence
from contract.traffic.exchange import ABSENT, Exchange
from contract.traffic.fields import Fields, properties
from contract.traffic.judging import Judge
from contract.traffic.observing import Observer, documented_status

UNMATCHED = {404, 405, 501}  # what a server says to a request that is no operation's


@dataclass(slots=True)
class Violation:
    """One way in which traffic breaks the document; `place` is where it was first seen, `count` how often."""

    operation: str
    status: int
    side: str
    sentence: str
    location: str
    count: int = 1


class Unknown(NamedTuple):
    """Something that traffic has and the document has not. `pointer` is where it would be written, `name` its key there."""

    kind: str  # `operation`, `status`, `media type`, `parameter`, `field`
    operation: str
    pointer: str
    name: str


@dataclass(slots=True)
class Report:
    """What was found. The values of `unknown` are those seen; `unused` are pointers into the document."""

    exchanges: int = 0
    violations: list[Violation] = field(default_factory=list)
    unknown: dict[Unknown, list[Any]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)


def verify(bundle: Json, traffic: Iterable[tuple[str, Exchange]]) -> Report:
    """Look at (path below the base, exchange) pairs."""
    return _Verification(bundle).of(traffic)


class _Verification:
    """The state of one run."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._observer = Observer(bundle)
        self._judge = Judge(bundle)
        self._report = Report()
        self._violations: dict[tuple[str, int, str, str], Violation] = {}
        self._fields = Fields()
        self._used: set[str] = set()  # pointers of operations, parameters, bodies and answers
        self._schemas: dict[str, str] = {}  # pointer of a schema that values were compared with -> operation

    def of(self, traffic: Iterable[tuple[str, Exchange]]) -> Report:
        for path, exchange in traffic:
            self._report.exchanges += 1
            self._look(path, exchange)
        self._report.violations = list(self._violations.values())
        for (pointer, name), values in self._fields.unknown.items():
            self._add(Unknown("field", self._owner(pointer), pointer, name), *values)
        self._report.unused = self._unused()
        return self._report

    def _look(self, path: str, exchange: Exchange) -> None:
        found = self._observer.operation(exchange.method, path)
        if found is None:
            if exchange.status not in UNMATCHED and exchange.method != "OPTIONS":
                self._add(Unknown("operation", f"{exchange.method} {path}", "/paths", path), exchange.status)
            return
        operation, _ = found
        self._used.add(operation.pointer)
        for side, sentence in self._judge.violations(path, exchange):
            self._violate(operation, exchange, side, sentence)
        self._look_at_parameters(operation, exchange)
        self._look_at_request(operation, exchange)
        self._look_at_answer(operation, exchange)

    def _violate(self, operation: Operation, exchange: Exchange, side: str, sentence: str) -> None:
        key = (operation.id, exchange.status, side, sentence)
        known = self._violations.get(key)
        if known is None:
            self._violations[key] = Violation(*key, exchange.location)
        else:
            known.count += 1

    def _look_at_parameters(self, operation: Operation, exchange: Exchange) -> None:
        sent = {("query", name) for name, _ in exchange.query} | {("header", name.lower()) for name, _ in exchange.request.headers}
        names = {name for where, name in sent if where == "query"}
        for one in operation.parameters:
            key = (one.location, one.name.lower() if one.location == "header" else one.name)
            if one.location == "path" or key in sent or any(name.startswith(f"{one.name}[") for name in names):
                self._used.add(one.pointer)
        known = {one.name for one in operation.parameters if one.location == "query"}
        is_open = any(one.location == "query" and (one.style == "deepObject" or _is_free(one.schema)) for one in operation.parameters)
        if not is_open and exchange.status < 400:  # noqa: PLR2004 - a refusal of it is no use of it
            for name in sorted(names - known):
                values = [value for key, value in exchange.query if key == name]
                self._add(Unknown("parameter", operation.id, f"{operation.pointer}/parameters", name), *values)

    def _look_at_request(self, operation: Operation, exchange: Exchange) -> None:
        media = exchange.request.media_type
        if operation.body is None or not exchange.request.body or exchange.status >= 400:  # noqa: PLR2004 - as above
            return
        written = next((one for one in operation.body.media if essence(one) == media), None)
        if written is None:
            self._add(Unknown("media type", operation.id, f"{operation.body.pointer}/content", media))
            return
        self._used.add(operation.body.pointer)
        self._compare(operation, f"{operation.body.pointer}/content/{escape(written)}/schema", exchange.request.json)

    def _look_at_answer(self, operation: Operation, exchange: Exchange) -> None:
        status = documented_status(operation, exchange.status)
        if status is None:
            self._add(Unknown("status", operation.id, f"{operation.pointer}/responses", str(exchange.status)), exchange.answer.json)
            return
        response = operation.responses[status]
        self._used.add(f"{operation.pointer}/responses/{status}")
        media = exchange.answer.media_type
        written = next((one for one in response.media if essence(one) == media), None)
        if written is not None:
            self._compare(operation, f"{response.pointer}/content/{escape(written)}/schema", exchange.answer.json)
        elif media and exchange.answer.body:
            self._add(Unknown("media type", operation.id, f"{response.pointer}/content", media))

    def _compare(self, operation: Operation, pointer: str, value: Any) -> None:
        if value is not ABSENT and "schema" in pointer:
            try:
                self._fields.look(self._bundle, pointer, value)
            except KeyError:  # the media type has no schema
                return
            self._schemas.setdefault(pointer, operation.id)

    def _add(self, unknown: Unknown, *values: Any) -> None:
        self._report.unknown.setdefault(unknown, []).extend(value for value in values if value is not ABSENT)

    def _owner(self, pointer: str) -> str:
        """The operation of an inline schema; the name of a shared one says enough."""
        return next((id_ for schema, id_ in self._schemas.items() if pointer.startswith(schema)), "")

    def _unused(self) -> list[str]:
        """Operations without a call; of those with one, what was never sent and never came; properties of schemas that values had."""
        found: list[str] = []
        for one in operations(self._bundle):
            if one.pointer not in self._used:
                found.append(one.pointer)
                continue
            found += [parameter.pointer for parameter in one.parameters if parameter.pointer not in self._used]
            found += [pointer for status in one.responses if (pointer := f"{one.pointer}/responses/{status}") not in self._used]
        seen: set[str] = set()
        for schema in self._schemas:
            found += [pointer for pointer in properties(self._bundle, schema, seen) if pointer not in self._fields.used]
        return list(dict.fromkeys(found))


def _is_free(schema: Json) -> bool:
    """Whether a form-exploded object parameter takes any name."""
    return schema.get("type") == "object" and schema.get("additionalProperties", True) is not False
