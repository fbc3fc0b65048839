"""Answers taken from a document: its examples where there are some, else a small value that its schema allows. The same every time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from contract.openapi.operations import Json, Operation, Response, escape, resolve, unescape
from contract.runtime.media import essence, is_json
from contract.runtime.platform import log

DEEP = 4  # below this depth only what a schema requires is made, so that a tree of itself ends
DEEPEST = 10  # what requires itself has no end, and no value
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
SENT = {"*": "application/json", "application": "application/json", "text": "text/plain", "image": "image/png"}  # for a range of types
ALTERNATIVES = 3  # branches of a oneOf that are tried
Fits = Callable[[str, Any], bool]  # whether the schema at a pointer allows a value


class Way(NamedTuple):
    """How a value is made: with what the schemas show as examples and defaults or without, and by which branch of alternatives."""

    shows: bool = True
    branch: int = 0


WAYS = (Way(), *(Way(shows=False, branch=index) for index in range(ALTERNATIVES)))
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
    if isinstance(body, str) and not is_json(essence(media_type)):
        return body.encode()
    return json.dumps(body, ensure_ascii=False).encode()


def anything(_pointer: str, _value: Any) -> bool:
    """Takes examples as they are."""
    return True


def answer(bundle: Json, operation: Operation, *, status: str | None = None, example: str | None = None, fits: Fits = anything) -> Answer:
    """The answer of a wanted status, else the first success, else the first documented; `example` names one of several."""
    return of_response(bundle, chosen(operation, status), example, fits)


def of_response(bundle: Json, response: Response, example: str | None = None, fits: Fits = anything) -> Answer:
    """A response with its example body and a value for every header field.

    An example that does not fit gives way to the next, then to what the schema asks for; when nothing fits, the first is taken.
    """
    written = preferred(response)
    body = None
    if written is not None:
        pointer = f"{response.pointer}/content/{escape(written)}/schema"
        found = candidates(bundle, response.node["content"][written], example)
        first = next(found)
        body = first if fits(pointer, first) else _fitting(pointer, first, found, fits)
    # The media type decides about Content-Type, whatever the document says of it.
    headers = {
        name: text(of_described(bundle, resolve(bundle, one, "")[0]))
        for name, one in response.headers.items()
        if name.lower() != "content-type"
    }
    return Answer(number(response.status), _sent(written), body, headers)


def _fitting(pointer: str, first: Any, others: Iterable[Any], fits: Fits) -> Any:
    log.warning("the example of %s does not fit its schema", pointer)
    return next((one for one in others if fits(pointer, one)), first)


def _sent(written: str | None) -> str | None:
    """The media type to send for one documented, which may be a range."""
    if written is None or "*" not in written:
        return written
    return SENT.get(written.partition("/")[0], "application/octet-stream")


def candidates(bundle: Json, node: Json, name: str | None = None) -> Iterator[Any]:
    """What a media type shows as examples, the named one first, then what can be made of its schema."""
    written = node.get("examples") or {}
    for one in sorted(written, key=lambda key: key != name):
        found, _ = resolve(bundle, written[one], "")
        if "value" in found:
            yield found["value"]
    if "example" in node:
        yield node["example"]
    yield from (of_schema(bundle, node.get("schema", {}), way=way) for way in WAYS)


def preferred(response: Response) -> str | None:
    """The media type to answer in: JSON, which can be made of a schema, else one that is shown or a range, else the first."""
    media = list(response.media)
    is_made = [one for one in media if is_json(essence(one))]
    shown = [one for one in media if {"example", "examples"} & response.node["content"][one].keys() or "*" in one]
    return next(iter([*is_made, *shown, *media]), None)


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
    return next(candidates(bundle, node, name))


def text(value: Any) -> str:
    """A header field's text (style `simple`)."""
    if isinstance(value, list):
        return ",".join(map(text, value))
    return value if isinstance(value, str) else json.dumps(value)


def of_schema(bundle: Json, schema: Any, depth: int = 0, way: Way = WAYS[0]) -> Any:
    """A value the schema allows: its own example, its only or first choice, or the least its keywords ask for."""
    if depth > DEEPEST:
        return None
    schema = merged(bundle, schema, way.branch)
    for keyword, take in CHOICES.items():
        if keyword in schema and (way.shows or keyword in DECISIVE) and schema[keyword] != []:
            return take(schema[keyword])
    make = MAKERS.get(type_of(schema))
    return make(bundle, schema, depth, way) if make else None


CHOICES: dict[str, Callable[[Any], Any]] = {
    "const": lambda value: value,
    "examples": lambda values: values[0],
    "example": lambda value: value,
    "default": lambda value: value,
    "enum": lambda values: values[0],
}
DECISIVE = {"const", "enum"}


def merged(bundle: Json, schema: Any, branch: int = 0, seen: frozenset[str] = frozenset()) -> Json:
    """One schema of plain keywords: references followed, `allOf` joined, one branch of `oneOf` and of `anyOf` taken."""
    if not isinstance(schema, dict) or schema.get("$ref") in seen:
        return {}
    parts = [{key: value for key, value in schema.items() if key not in {"$ref", "allOf", "oneOf", "anyOf"}}]
    if "$ref" in schema:
        parts.append(_referred(bundle, schema["$ref"], branch, seen))
    branches = [*schema.get("allOf", ()), *_one_of(schema.get("oneOf"), branch), *_one_of(schema.get("anyOf"), branch)]
    parts += [merged(bundle, one, branch, seen) for one in branches]
    found: Json = {}
    for part in parts:
        found = joined(found, part)
    return found


def _one_of(branches: list[Any] | None, wanted: int) -> Iterable[Any]:
    return [branches[wanted % len(branches)]] if branches else []


def _referred(bundle: Json, reference: str, branch: int, seen: frozenset[str]) -> Json:
    """What a reference names; where a discriminator tells it from others, its property has the value that means it."""
    found = merged(bundle, resolve(bundle, {"$ref": reference}, "")[0], branch, seen | {reference})
    told = found.get("discriminator")
    if not isinstance(told, dict) or told.get("propertyName") not in found.get("properties", {}):
        return found
    name = str(told["propertyName"])
    if {"const", "enum"} & merged(bundle, found["properties"][name], 0, seen | {reference}).keys():
        return found
    mapping = told.get("mapping") or {}
    short = unescape(reference.rpartition("/")[2])
    value = next((key for key, target in mapping.items() if target in {reference, short}), next(iter(mapping), short))
    return {**found, "properties": {**found["properties"], name: {"const": value}}}


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


def _object(bundle: Json, schema: Json, depth: int, way: Way) -> Json:
    required = schema.get("required", [])
    properties = schema.get("properties", {})
    names = [name for name in properties if name in required or depth < DEEP]
    shown = [name for name in names if not merged(bundle, properties[name]).get("writeOnly")]
    found = {name: of_schema(bundle, properties[name], depth + 1, way) for name in shown}
    others = [name for name in required if name not in properties]
    return found | {name: of_schema(bundle, schema.get("additionalProperties"), depth + 1, way) for name in others}


def _array(bundle: Json, schema: Json, depth: int, way: Way) -> list[Any]:
    first = [of_schema(bundle, item, depth + 1, way) for item in schema.get("prefixItems", ())]
    wanted = max(schema.get("minItems", 0), 1 if depth < DEEP and "items" in schema else 0)
    count = min(wanted, schema.get("maxItems", wanted)) - len(first)
    return first + [of_schema(bundle, schema.get("items", {}), depth + 1, way) for _ in range(count)]


def _string(_bundle: Json, schema: Json, _depth: int, _way: Way) -> str:
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


def _integer(bundle: Json, schema: Json, depth: int, way: Way) -> int:
    return math.ceil(_number(bundle, schema, depth, way))


def _number(_bundle: Json, schema: Json, _depth: int, _way: Way) -> float:
    least = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + 1)
    most = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - 1)
    found = 0 if least <= 0 <= most else (least if least > 0 else most)
    step = schema.get("multipleOf")
    return math.ceil(found / step) * step if step else found


MAKERS: dict[str, Callable[[Json, Json, int, Way], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _bundle, _schema, _depth, _way: True,
}
