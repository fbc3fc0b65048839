"""Example responses taken from a document: its examples where it has some, else small values that its schemas allow. Deterministic."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from jsonschema_rs import Draft202012Validator
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from contract.openapi.media_types import Header
from contract.openapi.operations import Operation, Response
from contract.openapi.references import Json, escape, resolve, unescape
from contract.runtime.media import essence, is_json
from contract.runtime.platform import log
from contract.streams import EVENT_FIELDS, FRAMINGS, framed

MAX_OPTIONAL_DEPTH = 4  # below this depth only required properties get a value, so that recursive schemas end
MAX_DEPTH = 10  # a schema that requires itself has no finite value
FORMATS = {
    "date-time": "2026-01-01T12:00:00Z",
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/a",
    "regex": "a",
    "byte": "YQ==",
}
DEFAULT_TEXT = "text"
CONCRETE_TYPES = {
    "*": "application/json",
    "application": "application/json",
    "text": "text/plain",
    "image": "image/png",
}  # by the first part of a media type range
MAX_BRANCHES = 3  # of a oneOf or anyOf, that are tried
Accepts = Callable[[str, Any], bool]  # whether the schema at a pointer accepts a value


class Strategy(NamedTuple):
    """How a value is generated: with or without examples, from which branch, with optional properties or without, and how deep."""

    uses_examples: bool = True
    branch: int = 0
    has_optional: bool = True
    optional_depth: int = MAX_OPTIONAL_DEPTH


STRATEGIES = (
    Strategy(),
    *(Strategy(uses_examples=False, branch=index) for index in range(MAX_BRANCHES)),
    Strategy(uses_examples=False, has_optional=False),
)
TYPES_BY_KEYWORD = {"properties": "object", "additionalProperties": "object", "items": "array", "minLength": "string", "minimum": "number"}


@dataclass(frozen=True, slots=True)
class ExampleResponse:
    """A documented response with an example body. `media_type` is None if the response has no body."""

    status: int
    media_type: str | None
    body: Any
    headers: dict[str, str]


def encode(media_type: str | None, body: Any) -> bytes:
    """The body as it is sent: JSON, a stream of items, or plain text for a string under a media type that is not JSON."""
    if media_type is None:
        return b""
    if essence(media_type) in FRAMINGS:
        return _stream(FRAMINGS[essence(media_type)], body)
    if isinstance(body, str) and not is_json(essence(media_type)):
        return body.encode()
    return json.dumps(body, ensure_ascii=False).encode()


def _stream(framing: str, body: Any) -> bytes:
    """A stream of an example: of the items of a list, or of one item. Text that has the framing already stays."""
    if isinstance(body, str) and (framing != "events" or re.match(r"(data|event|id|retry|):", body)):
        return body.encode()
    has_fields = isinstance(body, dict) and "data" in body and body.keys() <= EVENT_FIELDS
    return b"".join(framed(framing, item, has_fields=has_fields) for item in (body if isinstance(body, list) else [body]))


def accept_all(_pointer: str, _value: Any) -> bool:
    """Accept every example."""
    return True


def example_response(
    bundle: Json,
    operation: Operation,
    *,
    status: str | None = None,
    example: str | None = None,
    media_type: str | None = None,
    fits: Accepts = accept_all,
) -> ExampleResponse:
    """The response with the wanted status, else the first success, else the first documented. `example` selects one of several examples.

    `media_type` is one of the documented ones.
    """
    return from_response(bundle, select_response(operation, status), example, fits, media_type=media_type)


def from_response(
    bundle: Json, response: Response, example: str | None = None, fits: Accepts = accept_all, *, media_type: str | None = None
) -> ExampleResponse:
    """A response with an example body and a value for every header.

    An example that its schema does not accept is replaced by the next one, then by a generated value. If no value fits, the first
    example is used.
    """
    media_type = media_type or preferred_media_type(response)
    body = None
    if media_type is not None:
        pointer = f"{response.pointer}/content/{escape(media_type)}/schema"
        values = example_values(bundle, response.node["content"][media_type], example)
        first = next(values)
        body = first if fits(pointer, first) else _fitting(pointer, first, values, fits)
    headers = {header.name: _header_value(bundle, header) for header in response.fields.values()}
    return ExampleResponse(status_number(response.status), _concrete_type(media_type), body, headers)


def _header_value(bundle: Json, header: Header) -> str:
    """The text of a header, in the media type that `content` names or in the style `simple`."""
    if header.media_type is None:
        return header_text(example_value(bundle, header.node))
    value = example_value(bundle, header.node["content"][header.media_type])
    return json.dumps(value) if is_json(essence(header.media_type)) else header_text(value)


def _fitting(pointer: str, first: Any, values: Iterable[Any], fits: Accepts) -> Any:
    log.warning("the example of %s does not fit its schema", pointer)
    return next((value for value in values if fits(pointer, value)), first)


def _concrete_type(media_type: str | None) -> str | None:
    """The media type to send for a documented one, which may be a range."""
    if media_type is None or "*" not in media_type:
        return media_type
    return CONCRETE_TYPES.get(media_type.partition("/")[0], "application/octet-stream")


def example_values(bundle: Json, node: Json, name: str | None = None) -> Iterator[Any]:
    """The examples of a media type, the named one first, then values generated from its schema."""
    examples = node.get("examples") or {}
    for example_name in sorted(examples, key=lambda key: key != name):
        example, _ = resolve(bundle, examples[example_name], "")
        if "value" in example:
            yield example["value"]
    if "example" in node:
        yield node["example"]
    yield from (from_schema(bundle, node.get("schema", {}), strategy=strategy) for strategy in STRATEGIES)


def preferred_media_type(response: Response) -> str | None:
    """The media type to respond with: JSON, then one that has an example or is a range, then the first."""
    media = list(response.media)
    json_types = [media_type for media_type in media if is_json(essence(media_type))]
    exemplified = [
        media_type for media_type in media if {"example", "examples"} & response.node["content"][media_type].keys() or "*" in media_type
    ]
    return next(iter([*json_types, *exemplified, *media]), None)


def accepted_media_type(response: Response, accept: str) -> str | None:
    """The documented media type that an Accept header prefers (RFC 9110, section 12.5.1); None if it decides nothing."""
    if len(response.media) < 2 or not accept:  # noqa: PLR2004 - a choice needs two
        return None
    ordered = sorted(response.media, key=lambda name: name != preferred_media_type(response))
    return parse_accept_header(accept, MIMEAccept).best_match(ordered)


def select_response(operation: Operation, status: str | None) -> Response:
    """The response with this status, its class or the default, if documented; else the first success."""
    if status is not None:
        for key in (status, f"{status[:1]}XX", f"{status[:1]}xx"):
            if key in operation.responses:
                return replace(operation.responses[key], status=status)
    successes = [response for response in operation.responses.values() if response.status.startswith("2")]
    return next(iter([*successes, *operation.responses.values()]), Response("204", {}, {}, {}, "", None))


def status_number(status: str) -> int:
    """The status to send for a documented one: the first of a class, 200 for the default."""
    return int(status.upper().replace("X", "0")) if status != "default" else 200


def example_value(bundle: Json, node: Json, name: str | None = None) -> Any:
    """The value of a media type, parameter or header: the named example, the first one, or one generated from its schema."""
    return next(example_values(bundle, node, name))


def header_text(value: Any) -> str:
    """The text of a header (style `simple`)."""
    if isinstance(value, list):
        return ",".join(map(header_text, value))
    return value if isinstance(value, str) else json.dumps(value)


def from_schema(bundle: Json, schema: Any, depth: int = 0, strategy: Strategy = STRATEGIES[0]) -> Any:
    """A value that the schema accepts: its example, its only or first choice, or the minimum that its keywords require."""
    if depth > MAX_DEPTH:
        return None
    schema = merge(bundle, schema, strategy.branch)
    for keyword, choose in CHOICES.items():
        if keyword in schema and (strategy.uses_examples or keyword in FIXED_VALUES) and schema[keyword] != []:
            return choose(schema[keyword])
    maker = MAKERS.get(type_of(schema))
    return maker(bundle, schema, depth, strategy) if maker else None


CHOICES: dict[str, Callable[[Any], Any]] = {
    "const": lambda value: value,
    "examples": lambda values: values[0],
    "example": lambda value: value,
    "default": lambda value: value,
    "enum": lambda values: values[0],
}
FIXED_VALUES = {"const", "enum"}


def merge(bundle: Json, schema: Any, branch: int = 0, visited: frozenset[str] = frozenset()) -> Json:
    """One schema without references and alternatives: `$ref` followed, `allOf` joined, one branch of `oneOf` and of `anyOf` taken."""
    if not isinstance(schema, dict) or schema.get("$ref") in visited:
        return {}
    parts = [{key: value for key, value in schema.items() if key not in {"$ref", "allOf", "oneOf", "anyOf"}}]
    if "$ref" in schema:
        parts.append(_target(bundle, schema["$ref"], branch, visited))
    branches = [*schema.get("allOf", ()), *_branch(schema.get("oneOf"), branch), *_branch(schema.get("anyOf"), branch)]
    parts += _selected(bundle, schema, branches)
    parts += [merge(bundle, branch_schema, branch, visited) for branch_schema in branches]
    merged: Json = {}
    for part in parts:
        merged = intersect(merged, part)
    return merged


def _branch(branches: list[Any] | None, index: int) -> Iterable[Any]:
    return [branches[index % len(branches)]] if branches else []


def _selected(bundle: Json, schema: Json, branches: list[Any]) -> list[Json]:
    """The value of a union's discriminator that selects the branch, unless the branch lists its values."""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict) or not {"oneOf", "anyOf"} & schema.keys():
        return []
    name, reference = str(discriminator.get("propertyName")), next((each["$ref"] for each in branches[::-1] if "$ref" in each), None)
    described = merge(bundle, {"$ref": reference}).get("properties", {}) if reference is not None else {}
    if reference is None or name not in described or {"const", "enum"} & merge(bundle, described[name]).keys():
        return []
    return [{"properties": {name: {"const": _discriminator_value(discriminator, reference)}}}]


def _discriminator_value(discriminator: Json, reference: str) -> str:
    """The value that selects a schema: as mapped, otherwise its name."""
    mapping = discriminator.get("mapping") or {}
    short = unescape(reference.rpartition("/")[2])
    return next((str(key) for key, target in mapping.items() if target in {reference, short}), short)


def _target(bundle: Json, reference: str, branch: int, visited: frozenset[str]) -> Json:
    """The schema that a reference names. If a discriminator applies, its property gets the value that selects this schema."""
    schema = merge(bundle, resolve(bundle, {"$ref": reference}, "")[0], branch, visited | {reference})
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict) or discriminator.get("propertyName") not in schema.get("properties", {}):
        return schema
    name = str(discriminator["propertyName"])
    if {"const", "enum"} & merge(bundle, schema["properties"][name], 0, visited | {reference}).keys():
        return schema
    mapping, short = discriminator.get("mapping") or {}, unescape(reference.rpartition("/")[2])
    selected = (key for each in (*visited, reference) for key, to in mapping.items() if to in {each, unescape(each.rpartition("/")[2])})
    value = next(selected, next(iter(mapping), short))  # a schema that extends this one by allOf is among the visited ones
    return {**schema, "properties": {**schema["properties"], name: {"const": value}}}


def intersect(first: Json, second: Json) -> Json:
    """Both schemas at once. Where they disagree, the first one's keyword wins, except that enums keep their common values."""
    both = {**second, **first}
    if "properties" in first and "properties" in second:
        names = [*first["properties"], *(name for name in second["properties"] if name not in first["properties"])]
        both["properties"] = {name: property_schema(first["properties"], second["properties"], name) for name in names}
    if "required" in first and "required" in second:
        both["required"] = [*first["required"], *second["required"]]
    if "enum" in first and "enum" in second:
        both["enum"] = [value for value in first["enum"] if value in second["enum"]] or first["enum"]
    return both


def property_schema(first: Json, second: Json, name: str) -> Any:
    """A property that one or both schemas describe."""
    return {"allOf": [first[name], second[name]]} if name in first and name in second else first.get(name, second.get(name))


def type_of(schema: Json) -> str:
    """The type to generate: the first that is not null, else the one that the keywords imply."""
    types = schema.get("type", [])
    named = [types] if isinstance(types, str) else [name for name in types if name != "null"] or types
    return next(iter(named), None) or next((type_name for keyword, type_name in TYPES_BY_KEYWORD.items() if keyword in schema), "null")


def _object(bundle: Json, schema: Json, depth: int, strategy: Strategy) -> Json:
    required, properties = schema.get("required", []), schema.get("properties", {})
    has_optional = strategy.has_optional and depth < strategy.optional_depth
    names = [name for name in properties if name in required or (has_optional and not is_impossible(bundle, properties[name]))]
    readable = [name for name in names if not merge(bundle, properties[name]).get("writeOnly")]
    value = {name: from_schema(bundle, properties[name], depth + 1, strategy) for name in readable}
    undescribed = [name for name in required if name not in properties]
    return value | {name: from_schema(bundle, schema.get("additionalProperties"), depth + 1, strategy) for name in undescribed}


def is_impossible(bundle: Json, schema: Any) -> bool:
    """Whether no value fits a schema, so that a property with it is forbidden."""
    schema, _ = resolve(bundle, schema, "")
    return schema is False or (isinstance(schema, dict) and schema.get("not") in ({}, True))


def _array(bundle: Json, schema: Json, depth: int, strategy: Strategy) -> list[Any]:
    shown = schema.get("prefixItems", [])[: None if depth < strategy.optional_depth else schema.get("minItems", 0)]
    first = [from_schema(bundle, item, depth + 1, strategy) for item in shown]
    if "contains" in schema:
        first += [from_schema(bundle, schema["contains"], depth + 1, strategy) for _ in range(schema.get("minContains", 1))]
    length = max(schema.get("minItems", 0), 1 if depth < strategy.optional_depth and "items" in schema else 0)
    count = min(length, schema.get("maxItems", length)) - len(first)
    return first + [from_schema(bundle, schema.get("items", {}), depth + 1, strategy) for _ in range(count)]


def _string(_bundle: Json, schema: Json, _depth: int, _strategy: Strategy) -> str:
    min_length: int = schema.get("minLength", 0)
    max_length: float = schema.get("maxLength", math.inf)
    if "pattern" in schema:
        return text_matching(schema["pattern"], min_length, max_length)
    text = FORMATS.get(schema.get("format", ""), DEFAULT_TEXT).ljust(min_length, "x")
    return text if len(text) <= max_length else text[: int(max_length)]


@cache
def text_matching(pattern: str, min_length: int, max_length: float) -> str:
    """The simplest text that matches; a plain word if Python cannot read the pattern."""
    # Importing it takes a third of a second, and most documents have examples.
    from hypothesis import HealthCheck, Phase, find, settings, strategies  # noqa: PLC0415 - see above
    from hypothesis.errors import HypothesisException  # noqa: PLC0415 - see above

    matches = _matcher(pattern)
    phases = [Phase.generate, Phase.shrink]
    deterministic = settings(derandomize=True, database=None, max_examples=500, suppress_health_check=list(HealthCheck), phases=phases)

    def is_suitable(candidate: str) -> bool:
        return max(min_length, 1) <= len(candidate) <= max_length and matches(candidate)

    try:  # ECMA-262's \d and \w are ASCII
        return find(strategies.from_regex(re.compile(pattern, re.ASCII)), is_suitable, settings=deterministic)
    except (HypothesisException, ValueError, OverflowError, re.error):
        return DEFAULT_TEXT


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Whether ECMA 262 matches: unlike in Python, `$` is not before a final line end."""
    try:
        return Draft202012Validator({"pattern": pattern}).is_valid
    except ValueError:
        return lambda _: True


def _integer(bundle: Json, schema: Json, depth: int, strategy: Strategy) -> int:
    return math.ceil(_number(bundle, schema, depth, strategy))


def _number(_bundle: Json, schema: Json, _depth: int, _strategy: Strategy) -> float:
    minimum = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + 1)
    maximum = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - 1)
    value = 0 if minimum <= 0 <= maximum else (minimum if minimum > 0 else maximum)
    step = schema.get("multipleOf")
    return math.ceil(value / step) * step if step else value


MAKERS: dict[str, Callable[[Json, Json, int, Strategy], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _bundle, _schema, _depth, _strategy: True,
}
