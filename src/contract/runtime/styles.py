"""The serialised forms of parameters (OpenAPI 3.1, section 4.8.12.2; RFC 6570): how text becomes a JSON value.

Decoding never fails for a wrong value: what does not look like its type stays text, and the schema says what is wrong with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from contract.openapi.operations import Json, Parameter, lookup, resolve

INTEGER = re.compile(r"-?[0-9]{1,30}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
Decoder = Callable[[str], Any]
Plain = Callable[[str], str]  # takes the percent-encoding away


def kind_of(bundle: Json, schema: Any) -> str:
    """The one type a schema allows, `string` when it allows text or says nothing; null is not counted."""
    return _kind(bundle, schema, frozenset()) or "string"


def _kind(bundle: Json, schema: Any, seen: frozenset[str]) -> str | None:
    if not isinstance(schema, dict):
        return None
    if "$ref" in schema:
        target = schema["$ref"]
        return None if target in seen else _kind(bundle, lookup(bundle, target), seen | {target})
    written = schema.get("type", [])
    kinds = [one for one in ([written] if isinstance(written, str) else written) if one != "null"]
    if kinds:
        return str(kinds[0]) if len(kinds) == 1 else "string"
    if "properties" in schema:
        return "object"
    return _kind_of_branches(bundle, schema, seen)


def _kind_of_branches(bundle: Json, schema: Json, seen: frozenset[str]) -> str | None:
    """The type that all alternatives have, or that a part of an `allOf` names."""
    for keyword in ("allOf", "anyOf", "oneOf"):
        branches = [one for one in schema.get(keyword, ()) if not (isinstance(one, dict) and one.get("type") == "null")]
        kinds = {_kind(bundle, one, seen) for one in branches}
        if keyword == "allOf":
            kinds.discard(None)
        if len(kinds) == 1:
            return kinds.pop()
    return None


def properties_of(bundle: Json, schema: Any, seen: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The properties of a schema, its references and the parts of its `allOf`."""
    if not isinstance(schema, dict) or schema.get("$ref") in seen:
        return {}
    found = dict(schema.get("properties", {}))
    if "$ref" in schema:
        found |= properties_of(bundle, lookup(bundle, schema["$ref"]), seen | {schema["$ref"]})
    for branch in schema.get("allOf", ()):
        found |= properties_of(bundle, branch, seen)
    return found


def items_of(bundle: Json, schema: Any) -> Any:
    """The schema of an array's items."""
    found: Any = resolve(bundle, schema, "")[0] if isinstance(schema, dict) else {}
    return found.get("items", {}) if isinstance(found, dict) else {}


def decoder(bundle: Json, parameter: Parameter, plain: Plain = str) -> Decoder:
    """How the text of a parameter becomes a JSON value; `plain` decodes what stands between separators."""
    if parameter.media_type is not None:
        return lambda raw: json_value(plain(raw))
    kind = kind_of(bundle, parameter.schema)
    if kind == "array":
        return _array(bundle, parameter, plain)
    if kind == "object":
        return _object(bundle, parameter, plain)
    one, prefixes = scalar(kind), _prefixes(parameter)
    return lambda raw: one(plain(_without(raw, prefixes)))


def _array(bundle: Json, parameter: Parameter, plain: Plain) -> Decoder:
    item = scalar(kind_of(bundle, items_of(bundle, parameter.schema)))
    prefixes = _prefixes(parameter)
    if parameter.style == "matrix" and parameter.explode:
        return lambda raw: [item(part) for part in _without(raw, prefixes).split(prefixes[0])]
    return lambda raw: [item(part) for part in _split(_without(raw, prefixes), parameter, plain)]


def _object(bundle: Json, parameter: Parameter, plain: Plain) -> Decoder:
    members = member_decoders(bundle, parameter.schema)
    prefixes = (";",) if parameter.style == "matrix" and parameter.explode else _prefixes(parameter)

    def decode(raw: str) -> Any:
        parts = _split(_without(raw, prefixes), parameter, plain)
        pairs = [part.partition("=")[::2] for part in parts] if parameter.explode else list(zip(parts[::2], parts[1::2], strict=False))
        return {name: members.get(name, str)(value) for name, value in pairs}

    return decode


def member_decoders(bundle: Json, schema: Any) -> Mapping[str, Decoder]:
    """The decoders of an object's properties."""
    return {name: scalar(kind_of(bundle, one)) for name, one in properties_of(bundle, schema).items()}


def _prefixes(parameter: Parameter) -> tuple[str, ...]:
    return {"label": (".",), "matrix": (f";{parameter.name}=", f";{parameter.name}")}.get(parameter.style, ())


def _without(raw: str, prefixes: tuple[str, ...]) -> str:
    return next((raw.removeprefix(one) for one in prefixes if raw.startswith(one)), raw)


def _split(raw: str, parameter: Parameter, plain: Plain) -> list[str]:
    """The parts between separators. Those written out count; where there are none, percent-encoded ones do."""
    if not raw:
        return []
    separator = _separator(raw, parameter)
    parts = list(map(plain, raw.split(separator))) if separator in raw else plain(raw).split(separator)
    return [part.strip() for part in parts] if parameter.location == "header" else parts


def _separator(raw: str, parameter: Parameter) -> str:
    """`label` has dots; 3.1.1 and RFC 6570 have commas where nothing is exploded."""
    match parameter.style:
        case "label":
            return "," if "," in raw and not parameter.explode else "."
        case "matrix" if parameter.explode:
            return ";"
        case style:
            return SEPARATORS.get(style, ",")


def scalar(kind: str) -> Decoder:
    """How text becomes a value of one type."""
    return {"integer": _integer, "number": _number, "boolean": _boolean, "null": _null, "object": json_value, "array": json_value}.get(
        kind, str
    )


def json_value(raw: str) -> Any:
    """JSON text, or the text itself where it is not JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return raw


def plain_query(raw: str) -> str:
    """The text behind a part of a query string. Raises UnicodeDecodeError."""
    if "+" in raw:
        raw = raw.replace("+", " ")
    return unquote(raw, errors="strict") if "%" in raw else raw


def plain_cookie(raw: str) -> str:
    """The text behind a cookie's value; one that is not percent-encoded UTF-8 means itself."""
    try:
        return unquote(raw, errors="strict") if "%" in raw else raw
    except UnicodeDecodeError:
        return raw


def _integer(raw: str) -> Any:
    return int(raw) if INTEGER.fullmatch(raw) else raw


def _number(raw: str) -> Any:
    value = float(raw) if NUMBER.fullmatch(raw) else math.nan
    return value if math.isfinite(value) else raw


def _boolean(raw: str) -> Any:
    return {"true": True, "false": False}.get(raw, raw)


def _null(raw: str) -> Any:
    return None if raw in {"", "null"} else raw
