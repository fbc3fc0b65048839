"""The calls of a document: for each operation, generated arguments and the answers to them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from values import Generator, Value

from contract.example_values import CONCRETE_TYPES, example_value, header_text, merge
from contract.openapi import aliases
from contract.openapi.media_types import Header, MediaType
from contract.openapi.operations import PATH_PARAMETER, Operation, Parameter, operations
from contract.openapi.references import Json
from contract.openapi.schemas import types_of
from contract.runtime.compiled_operations import RouteTable
from contract.runtime.media import MULTIPART, essence, is_binary, is_json
from contract.runtime.parameters import schema_pointer
from contract.runtime.validators import Validators
from contract.streams import FRAMINGS, describes_events, framed, item_schema
from contract.traffic.fields import PropertyUse

EVENTS = [Value("example", {"data": "a\nb"}), Value("example", {"event": "tick", "data": "{}", "id": "7"})]
BYTES = b"\x00\xff\r\n--x\xc3"
MAX_CALLS = 40  # of one operation
FIRST_ERROR_STATUS = 400
BODILESS = {204, 205, 304}
Accepts = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: `value` is what a client returns, `items` whether it is a stream of them; `content` is as it is sent."""

    status: int
    media_type: str | None
    documented: str | None  # the media type in the document, which may be a range
    value: Any
    content: bytes
    headers: dict[str, str]
    is_stream: bool = False
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call. `arguments` are by (location, name); `body` is set with its media type. `kind` is `hostile` if a client may refuse it."""

    number: int
    operation: Operation
    kind: str
    arguments: dict[tuple[str, str], Any]
    answer: Answer
    media_type: str | None = None
    body: Any = None
    expected: Any = None  # the body that a handler gets: with canonical names instead of aliases


class CallTable:
    """All calls of a document. `missing` lists the parts for which no value was found."""

    def __init__(self, bundle: Json, routes: RouteTable, count: int, seed: str) -> None:
        self._bundle = bundle
        self._requests, self._responses = routes.request_validators, routes.response_validators
        self._count, self._seed = count, seed
        self.missing: list[str] = []
        self.calls: list[PlannedCall] = []
        for operation in operations(bundle):
            if "#" in operation.path:  # a fragment is not sent: another operation gets the request
                self.missing.append(operation.pointer)
            else:
                self._add(operation)

    def _add(self, operation: Operation) -> None:
        parameters = [each for each in operation.all_parameters if not each.is_ignored]
        columns = {(each.location, each.name): self._parameter(each, operation.path) for each in parameters}
        bodies = list(self._bodies(operation))
        answers = list(self._answers(operation))
        lost = [each.pointer for each in parameters if each.required and not columns[each.location, each.name]]
        lost += [operation.pointer] if not answers else []
        lost += [operation.pointer + "/requestBody"] if operation.body and operation.body.required and not bodies else []
        if lost:
            self.missing += lost
            return
        for row in self._rows(parameters, columns, bodies, answers):
            self.calls.append(PlannedCall(len(self.calls), operation, *row, self._folded(operation, *row[-2:])))

    def _rows(
        self,
        parameters: list[Parameter],
        columns: dict[tuple[str, str], list[Value]],
        bodies: list[tuple[str, Value]],
        answers: list[Answer],
    ) -> Iterator[tuple[Any, ...]]:
        length = min(MAX_CALLS, max(len(answers), len(bodies), *(len(column) for column in columns.values()), 1))
        required = {(each.location, each.name) for each in parameters if each.required or each.location == "path"}
        for index in range(length):
            chosen = {key: column[index % len(column)] for key, column in columns.items() if column}
            given = {key: each for key, each in chosen.items() if key in required or index % 4 != 1}
            media_type, body = bodies[index % len(bodies)] if bodies else (None, None)
            kinds = {each.kind for each in (*given.values(), *([body] if body else []))}
            kind = "hostile" if "hostile" in kinds else next(iter(sorted(kinds)), "minimal")
            values = {key: each.value for key, each in given.items()}
            content = body.value if body else None
            yield kind, values, answers[index % len(answers)], media_type, content

    def _folded(self, operation: Operation, media_type: str | None, body: Any) -> Any:
        if operation.body is None or media_type is None:
            return body
        fold = aliases.fold_function(self._bundle, operation.body.media[media_type], None)
        folded = copy.deepcopy(body)
        if fold is not None:
            fold(folded)
        return folded

    def _parameter(self, parameter: Parameter, path: str) -> list[Value]:
        """Values that are written: null, empty arrays and empty objects are absent (docs/serialization.md)."""
        pointer = schema_pointer(parameter)
        # Of several parameters in one segment, only values without the text between them can be told apart.
        shared = {name for part in path.split("/") if len(names := PATH_PARAMETER.findall(part)) > 1 for name in names}
        # A segment such as {name}:run needs a name.
        partial = {name for part in path.split("/") for name in PATH_PARAMETER.findall(part) if part != f"{{{name}}}"}
        accepts = _guarded(self._requests.of(parameter.schema).is_valid)
        generator = Generator(self._bundle, "request", f"{self._seed}{pointer}", is_parameter=parameter.media_type is None)
        return generator.values(
            parameter.schema,
            lambda value: (
                accepts(value)
                and not (parameter.name in shared and not str(value).isalnum())
                and not (parameter.name in partial and value == "")
                and (parameter.media_type is not None or self._is_written(parameter, value))
            ),
            parameter.examples,
            self._count,
        )

    def _is_written(self, parameter: Parameter, value: Any) -> bool:
        """Nothing in a text tells an array or an object from a scalar, if the schema accepts all of them."""
        types = types_of(self._bundle, parameter.schema) - {"null"}
        return _is_written(value) and not (isinstance(value, dict | list) and types - {"array", "object"})

    def _values(self, validators: Validators, schema: Any, pointer: str, examples: dict[str, Any]) -> list[Value]:
        generator = Generator(self._bundle, "request" if validators is self._requests else "response", f"{self._seed}{pointer}")
        accepts = _guarded(validators.at(pointer).is_valid)
        return generator.values(schema, lambda value: accepts(value) and self._is_described(pointer, value), examples, self._count)

    def _is_described(self, pointer: str, value: Any) -> bool:
        """Whether the document describes every member: models of Python drop the others (docs/serialization.md)."""
        use = PropertyUse()
        try:
            use.compare(self._bundle, pointer, value)
        except (KeyError, IndexError):
            return True
        return not use.unknown

    def _bodies(self, operation: Operation) -> Iterator[tuple[str, Value]]:
        """Values of all media types of a body in turn."""
        columns = [self._body(media) for media in operation.body.content.values()] if operation.body else []
        for row in zip_longest(*columns):
            yield from filter(None, row)

    def _body(self, media: MediaType) -> list[tuple[str, Value]]:
        kind = essence(media.name)
        pointer = f"{media.pointer}/schema"
        validators = self._requests
        if kind == MULTIPART:
            examples = {name: value for name, value in media.examples.items() if isinstance(value, dict)}
            values = self._values(validators, media.schema, pointer, examples)
            return [(media.name, Value(each.kind, self._with_files(media, each.value))) for each in values if _is_form(each.value)]
        if is_json(kind) or kind == "application/x-www-form-urlencoded":
            return [
                (media.name, each)
                for each in self._values(validators, media.schema, pointer, media.examples)
                if is_json(kind) or _is_form(each.value)
            ]
        if "*" in kind:
            return []
        if kind in FRAMINGS:
            return []
        if kind.startswith("text/") or kind.endswith("xml"):
            return [(media.name, Value("hostile", text)) for text in ("<a>ü😀</a>", "a\r\nb")]
        return [(media.name, Value("example", BYTES))]

    def _with_files(self, media: MediaType, value: Json) -> Json:
        """The form with bytes for its files, and with the part headers that are required."""
        described = self._described(media.schema).get("properties", {})
        files = {name for name, schema in described.items() if is_binary(self._bundle, schema)}
        form = {name: _as_file(each) if name in files else each for name, each in value.items()}
        for name, encoding in media.encoding.items():
            headers = {header.name: self._header(header) for header in encoding.headers.values() if header.required}
            if headers and name in form:
                form[name] = File(form[name], headers)
        return form

    def _described(self, schema: Any) -> Json:
        return merge(self._bundle, schema)

    def _header(self, header: Header) -> Any:
        return example_value(self._bundle, header.node)

    def _answers(self, operation: Operation) -> Iterator[Answer]:
        has_success = any(status.startswith("2") for status in operation.responses)
        for response in operation.responses.values():
            status = _status(operation, response.status, has_success=has_success)
            if status is None:
                continue
            headers = {
                each.name: header_text(self._header(each)) for each in response.fields.values() if each.name.lower() not in RESERVED_HEADERS
            }
            headers = {name: text for name, text in headers.items() if text.isascii() and text == text.strip() and text.isprintable()}
            if not response.content or operation.method == "head" or status in BODILESS:
                yield Answer(status, None, None, None, b"", headers, pointer=response.pointer)
                continue
            for media in response.content.values():
                yield from self._contents(status, media, headers)

    def _contents(self, status: int, media: MediaType, headers: dict[str, str]) -> Iterator[Answer]:
        kind = essence(media.name)
        concrete = media.name if "*" not in media.name else CONCRETE_TYPES.get(kind.partition("/")[0], "application/octet-stream")
        pointer = f"{media.pointer}/schema"
        if kind in FRAMINGS:
            if status < 300:  # noqa: PLR2004 - HTTP
                yield from self._streams(status, media, headers)
        elif is_json(kind) or (is_json(essence(concrete)) and "*" in kind):
            # Clients read errors as JSON without a type, so that one value is enough.
            values = self._values(self._responses, media.schema, pointer, media.examples)
            for each in values if status < FIRST_ERROR_STATUS else values[:1]:
                content = json.dumps(each.value, ensure_ascii=False).encode("utf-8", "surrogatepass")
                yield Answer(status, concrete, media.name, each.value, content, headers, pointer=media.pointer)
        elif kind.startswith("text/") or kind.endswith("xml"):
            for text in ("<a>ü😀</a>", "a\r\nb"):
                yield Answer(status, concrete, media.name, text, text.encode(), headers, pointer=media.pointer)
        else:
            yield Answer(status, concrete, media.name, BYTES, BYTES, headers, pointer=media.pointer)

    def _streams(self, status: int, media: MediaType, headers: dict[str, str]) -> Iterator[Answer]:
        schema, where = item_schema(self._bundle, media)
        values = self._values(self._responses, schema, where, {}) if schema not in ({}, True) else EVENTS
        framing = FRAMINGS[essence(media.name)]
        has_fields = framing == "events" and describes_events(self._bundle, schema)
        if values:
            items = [each.value for each in values[:6]]
            content = b"".join(framed(framing, item, has_fields=has_fields) for item in items)
            yield Answer(status, media.name, media.name, items, content, headers, is_stream=True, pointer=media.pointer)


@dataclass(frozen=True, slots=True)
class File:
    """A part of a form with headers."""

    content: Any
    headers: dict[str, Any]


RESERVED_HEADERS = {"content-type", "content-length", "content-encoding", "transfer-encoding", "connection"}


def _status(operation: Operation, status: str, *, has_success: bool) -> int | None:
    """A status that the document describes so; None for those that no client sees: 1xx, and redirections beside a success."""
    if status == "default":
        others = (599, 499) if has_success else (200, 599, 499)
        ranges = {name[0] for name in operation.responses if name.upper().endswith("XX")}
        return next((number for number in others if str(number)[0] not in ranges), None)
    if status.isdigit():
        number = int(status)
    else:
        base = int(status[0]) * 100
        number = next(each for each in range(base, base + 100) if str(each) not in operation.responses and each not in BODILESS)
    if number < 200 or (300 <= number < 400 and has_success):  # noqa: PLR2004 - HTTP
        return None
    return number


def _is_form(value: Any) -> bool:
    """Whether every field of a form is written."""
    return isinstance(value, dict) and bool(value) and all(map(_is_written, value.values()))


def _is_written(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_written(member) for member in value.values())
    return any(map(_is_written, value)) if isinstance(value, list) else value is not None


def _as_file(value: Any) -> Any:
    return [_as_file(item) for item in value] if isinstance(value, list) else BYTES


def _guarded(accepts: Accepts) -> Accepts:
    def safe(value: Any) -> bool:
        try:
            return accepts(value)
        except (ValueError, RecursionError):
            return False

    return safe
