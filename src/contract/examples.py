"""Answers taken from a document: its examples where there are some, else a small value that its schema allows. The same every time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from contract.operations import Json, Operation, Response, resolve
from contract.runtime.media import is_json

DEEP = 4  # below this depth only what a schema requires is made, so that a tree of itself ends
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
WORD = "text"
TYPES_BY_KEYWORD = {"properties": "object", "additionalProperties": "object", "items": "array", "minLength": "string", "minimum": "number"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented answer with a body to send; `media_type` is None where the answer has none."""

    status: int
    media_type: str | None
    body: Any
    headers: dict[str, str]


def encode(media_type: str | None, body: Any) -> bytes:
    """A body as it goes over the wire: text as it is under a type that is not JSON, JSON otherwise."""
    if media_type is None:
        return b""
    if isinstance(body, str) and not is_json(media_type.partition(";")[0].strip().lower()):
        return body.encode()
    return json.dumps(body, ensure_ascii=False).encode()


def answer(bundle: Json, operation: Operation, *, status: str | None = None, example: str | None = None) -> Answer:
    """The answer of a wanted status, else the first success, else the first documented; `example` names one of several."""
    return of_response(bundle, chosen(operation, status), example)


def of_response(bundle: Json, response: Response, example: str | None = None) -> Answer:
    """A response with its example body and a value for every header field."""
    media_type = preferred(response)
    body = of_described(bundle, response.node["content"][media_type], example) if media_type else None
    # The media type decides about Content-Type, whatever the document says of it.
    headers = {
        name: text(of_described(bundle, resolve(bundle, one, "")[0]))
        for name, one in response.headers.items()
        if name.lower() != "content-type"
    }
    return Answer(number(response.status), media_type, body, headers)


def preferred(response: Response) -> str | None:
    """The media type to answer in: JSON where there is some, since nothing else can be made of a schema; None where there is no body."""
    is_made = [one for one in response.media if is_json(one.partition(";")[0].strip().lower())]
    return next(iter([*is_made, *response.media]), None)


def chosen(operation: Operation, status: str | None) -> Response:
    """The response of that status, its class or the default, where they are documented; else the first success."""
    if status is not None:
        for key in (status, f"{status[:1]}XX", f"{status[:1]}xx"):
            if key in operation.responses:
                return replace(operation.responses[key], status=status)
    successes = [one for one in operation.responses.values() if one.status.startswith("2")]
    return next(iter([*successes, *operation.responses.values()]), Response("204", {}, {}, {}, "", None))


def number(status: str) -> int:
    """A status to send for what is documented: the first of a class, 200 for the default."""
    return int(status.upper().replace("X", "0")) if status != "default" else 200


def of_described(bundle: Json, node: Json, name: str | None = None) -> Any:
    """The value of a media type, parameter or header: the named example, the first, or one made from its schema."""
    written = node.get("examples") or {}
    if written:
        found, _ = resolve(bundle, written[name] if name in written else next(iter(written.values())), "")
        if "value" in found:
            return found["value"]
    if "example" in node:
        return node["example"]
    return of_schema(bundle, node.get("schema", {}))


def text(value: Any) -> str:
    """A header field's text (style `simple`)."""
    if isinstance(value, list):
        return ",".join(map(text, value))
    return value if isinstance(value, str) else json.dumps(value)


def of_schema(bundle: Json, schema: Any, depth: int = 0) -> Any:
    """A value the schema allows: its own example, its only or first choice, or the least its keywords ask for."""
    schema = merged(bundle, schema)
    for keyword, take in CHOICES.items():
        if keyword in schema:
            return take(schema[keyword])
    make = MAKERS.get(type_of(schema))
    return make(bundle, schema, depth) if make else None


CHOICES: dict[str, Callable[[Any], Any]] = {
    "const": lambda value: value,
    "examples": lambda values: values[0],
    "example": lambda value: value,
    "default": lambda value: value,
    "enum": lambda values: values[0],
}


def merged(bundle: Json, schema: Any) -> Json:
    """One schema of plain keywords: references followed, `allOf` joined, the first of `oneOf` and `anyOf` taken."""
    if not isinstance(schema, dict):
        return {}
    parts = [{key: value for key, value in schema.items() if key not in {"$ref", "allOf", "oneOf", "anyOf"}}]
    if "$ref" in schema:
        parts.append(merged(bundle, resolve(bundle, schema, "")[0]))
    branches = [*schema.get("allOf", ()), *schema.get("oneOf", ())[:1], *schema.get("anyOf", ())[:1]]
    parts += [merged(bundle, one) for one in branches]
    found: Json = {}
    for part in parts:
        found = joined(found, part)
    return found


def joined(first: Json, second: Json) -> Json:
    """Both schemas at once; where they disagree the first one's keyword stays, except that the narrower list of words wins."""
    both = {**second, **first}
    if "properties" in first and "properties" in second:
        names = [*first["properties"], *(name for name in second["properties"] if name not in first["properties"])]
        both["properties"] = {name: one(first["properties"], second["properties"], name) for name in names}
    if "required" in first and "required" in second:
        both["required"] = [*first["required"], *second["required"]]
    if "enum" in first and "enum" in second:
        both["enum"] = [word for word in first["enum"] if word in second["enum"]] or first["enum"]
    return both


def one(first: Json, second: Json, name: str) -> Any:
    """A property that one or both of two schemas describe."""
    return {"allOf": [first[name], second[name]]} if name in first and name in second else first.get(name, second.get(name))


def type_of(schema: Json) -> str:
    """The type to make: the first that is not null, else what the keywords speak of."""
    types = schema.get("type", [])
    named = [types] if isinstance(types, str) else [one for one in types if one != "null"] or types
    return next(iter(named), None) or next((kind for keyword, kind in TYPES_BY_KEYWORD.items() if keyword in schema), "null")


def _object(bundle: Json, schema: Json, depth: int) -> Json:
    required = schema.get("required", [])
    properties = schema.get("properties", {})
    names = [name for name in properties if name in required or depth < DEEP]
    shown = [name for name in names if not merged(bundle, properties[name]).get("writeOnly")]
    return {name: of_schema(bundle, properties[name], depth + 1) for name in shown}


def _array(bundle: Json, schema: Json, depth: int) -> list[Any]:
    first = [of_schema(bundle, item, depth + 1) for item in schema.get("prefixItems", ())]
    wanted = max(schema.get("minItems", 0), 1 if depth < DEEP and "items" in schema else 0)
    count = min(wanted, schema.get("maxItems", wanted)) - len(first)
    return first + [of_schema(bundle, schema.get("items", {}), depth + 1) for _ in range(count)]


def _string(_bundle: Json, schema: Json, _depth: int) -> str:
    least: int = schema.get("minLength", 0)
    most: float = schema.get("maxLength", math.inf)
    if "pattern" in schema:
        return matching(schema["pattern"], least, most)
    found = FORMATS.get(schema.get("format", ""), WORD).ljust(least, "x")
    return found if len(found) <= most else found[: int(most)]


@cache
def matching(pattern: str, least: int, most: float) -> str:
    """The simplest text that matches; a plain word where the pattern is not one Python can read."""
    # It takes a third of a second to import, and most documents have examples.
    from hypothesis import HealthCheck, Phase, find, settings, strategies  # noqa: PLC0415 - see above
    from hypothesis.errors import HypothesisException  # noqa: PLC0415 - see above

    phases = [Phase.generate, Phase.shrink]
    always_the_same = settings(derandomize=True, database=None, max_examples=500, suppress_health_check=list(HealthCheck), phases=phases)
    try:
        found: str = find(strategies.from_regex(pattern), lambda one: max(least, 1) <= len(one) <= most, settings=always_the_same)
    except (HypothesisException, ValueError, OverflowError, re.error):
        return WORD
    return found


def _integer(bundle: Json, schema: Json, depth: int) -> int:
    return math.ceil(_number(bundle, schema, depth))


def _number(_bundle: Json, schema: Json, _depth: int) -> float:
    least = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + 1)
    most = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - 1)
    found = 0 if least <= 0 <= most else (least if least > 0 else most)
    step = schema.get("multipleOf")
    return math.ceil(found / step) * step if step else found


MAKERS: dict[str, Callable[[Json, Json, int], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _bundle, _schema, _depth: True,
}
