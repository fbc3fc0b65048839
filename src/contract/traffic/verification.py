"""A document against traffic: violations, undocumented parts, and unused parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contract.openapi.operations import Operation, operations
from contract.openapi.references import Json, escape, lookup
from contract.runtime.media import covering
from contract.traffic.exchange import ABSENT, Exchange
from contract.traffic.fields import PropertyUse, properties
from contract.traffic.judge import ExchangeJudge
from contract.traffic.observing import Observer, documented_status

UNMATCHED_STATUSES = {404, 405, 501}  # how servers respond to unknown operations


@dataclass(slots=True)
class TrafficViolation:
    """A violation of the document in the traffic; `location` is its first occurrence, `count` the number of occurrences."""

    operation: str
    status: int
    side: str
    sentence: str
    location: str
    count: int = 1


class Undocumented(NamedTuple):
    """A part of the traffic that the document lacks. `pointer` is where it would be added, `name` its key there."""

    kind: str  # `operation`, `status`, `media type`, `parameter`, `field`
    operation: str
    pointer: str
    name: str


@dataclass(slots=True)
class VerificationReport:
    """The result. `unknown` has the values of each undocumented part; `unused` are pointers into the document."""

    exchanges: int = 0
    violations: list[TrafficViolation] = field(default_factory=list)
    unknown: dict[Undocumented, list[Any]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)


def verify(bundle: Json, traffic: Iterable[tuple[str, Exchange]]) -> VerificationReport:
    """Compare (path below the base, exchange) pairs with the document."""
    return _Verification(bundle).run(traffic)


class _Verification:
    """The state of one run."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._observer = Observer(bundle)
        self._judge = ExchangeJudge(bundle)
        self._report = VerificationReport()
        self._violations: dict[tuple[str, int, str, str], TrafficViolation] = {}
        self._fields = PropertyUse()
        self._used: set[str] = set()  # pointers of operations, parameters, bodies and responses
        self._schemas: dict[str, str] = {}  # pointer of a schema that was compared with values -> operation

    def run(self, traffic: Iterable[tuple[str, Exchange]]) -> VerificationReport:
        for path, exchange in traffic:
            self._report.exchanges += 1
            self._check(path, exchange)
        self._report.violations = list(self._violations.values())
        for (pointer, name), values in self._fields.unknown.items():
            self._add(Undocumented("field", self._owner(pointer), pointer, name), *values)
        self._report.unused = self._unused()
        return self._report

    def _check(self, path: str, exchange: Exchange) -> None:
        match = self._observer.operation(exchange.method, path)
        if match is None:
            if exchange.status not in UNMATCHED_STATUSES and exchange.method != "OPTIONS":
                self._add(Undocumented("operation", f"{exchange.method} {path}", "/paths", path), exchange.status)
            return
        operation, _ = match
        self._used.add(operation.pointer)
        for side, sentence in self._judge.violations(path, exchange):
            self._add_violation(operation, exchange, side, sentence)
        self._check_parameters(operation, exchange)
        self._check_request(operation, exchange)
        self._check_response(operation, exchange)

    def _add_violation(self, operation: Operation, exchange: Exchange, side: str, sentence: str) -> None:
        key = (operation.id, exchange.status, side, sentence)
        violation = self._violations.get(key)
        if violation is None:
            self._violations[key] = TrafficViolation(*key, exchange.location)
        else:
            violation.count += 1

    def _check_parameters(self, operation: Operation, exchange: Exchange) -> None:
        sent = {("query", name) for name, _ in exchange.query} | {("header", name.lower()) for name, _ in exchange.request.headers}
        names = {name for location, name in sent if location == "query"}
        for parameter in operation.parameters:
            key = (parameter.location, parameter.name.lower() if parameter.location == "header" else parameter.name)
            if parameter.location == "path" or key in sent:
                self._used.add(parameter.pointer)
        documented = self._judge.query_names(operation)
        self._used |= {parameter.pointer for parameter, accepts in documented.spread if any(map(accepts, names))}
        if exchange.status < 400:  # noqa: PLR2004 - a refused parameter does not count as used
            for name in sorted(name for name in names if name not in documented):
                values = [value for key, value in exchange.query if key == name]
                self._add(Undocumented("parameter", operation.id, f"{operation.pointer}/parameters", name), *values)

    def _check_request(self, operation: Operation, exchange: Exchange) -> None:
        media = exchange.request.media_type
        if operation.body is None or not exchange.request.body or exchange.status >= 400:  # noqa: PLR2004 - as above
            return
        documented = covering(operation.body.media, media)
        if documented is None:
            self._add(Undocumented("media type", operation.id, f"{operation.body.pointer}/content", media))
            return
        self._used.add(operation.body.pointer)
        self._compare(operation, f"{operation.body.pointer}/content/{escape(documented)}/schema", exchange.request.json)

    def _check_response(self, operation: Operation, exchange: Exchange) -> None:
        status = documented_status(operation, exchange.status)
        if status is None:
            self._add(Undocumented("status", operation.id, f"{operation.pointer}/responses", str(exchange.status)), exchange.response.json)
            return
        response = operation.responses[status]
        self._used.add(f"{operation.pointer}/responses/{status}")
        media = exchange.response.media_type
        documented = covering(response.media, media)
        if documented is not None:
            self._compare(operation, f"{response.pointer}/content/{escape(documented)}/schema", exchange.response.json)
        elif media and exchange.response.body:
            self._add(Undocumented("media type", operation.id, f"{response.pointer}/content", media))

    def _compare(self, operation: Operation, pointer: str, value: Any) -> None:
        if value is not ABSENT and "schema" in pointer:
            try:
                lookup(self._bundle, pointer)
            except KeyError:  # the media type has no schema
                return
            self._fields.compare(self._bundle, pointer, value)
            self._schemas.setdefault(pointer, operation.id)

    def _add(self, undocumented: Undocumented, *values: Any) -> None:
        self._report.unknown.setdefault(undocumented, []).extend(value for value in values if value is not ABSENT)

    def _owner(self, pointer: str) -> str:
        """The operation of an inline schema; empty for a shared schema, whose name is sufficient."""
        return next((id_ for schema, id_ in self._schemas.items() if pointer.startswith(schema)), "")

    def _unused(self) -> list[str]:
        """Operations without a call; unused parts of called operations; properties that no value of their schema had."""
        pointers: list[str] = []
        for operation in operations(self._bundle):
            if operation.pointer not in self._used:
                pointers.append(operation.pointer)
                continue
            pointers += [parameter.pointer for parameter in operation.parameters if parameter.pointer not in self._used]
            pointers += [
                pointer for status in operation.responses if (pointer := f"{operation.pointer}/responses/{status}") not in self._used
            ]
        visited: set[str] = set()
        for schema in self._schemas:
            pointers += [pointer for pointer in properties(self._bundle, schema, visited) if pointer not in self._fields.used]
        return list(dict.fromkeys(pointers))
