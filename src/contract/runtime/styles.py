"""The serialization of parameters (OpenAPI 3.1, section 4.8.12.2; RFC 6570): text to JSON values.

Decoding never fails for a wrong value: text that does not look like its type stays text, and the schema refuses it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from contract.openapi.operations import Parameter
from contract.openapi.references import Json, lookup, resolve

INTEGER = re.compile(r"-?[0-9]{1,30}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
Decoder = Callable[[str], Any]
Unquoter = Callable[[str], str]  # removes percent-encoding


def type_of(bundle: Json, schema: Any) -> str:
    """The one type that a schema allows; `string` if it allows text or has no type. Null does not count."""
    return _single_type(bundle, schema, frozenset()) or "string"


def _single_type(bundle: Json, schema: Any, visited: frozenset[str]) -> str | None:
    if not isinstance(schema, dict):
        return None
    if "$ref" in schema:
        target = schema["$ref"]
        return None if target in visited else _single_type(bundle, lookup(bundle, target), visited | {target})
    declared = schema.get("type", [])
    names = [name for name in ([declared] if isinstance(declared, str) else declared) if name != "null"]
    if names:
        return str(names[0]) if len(names) == 1 else "string"
    if "properties" in schema:
        return "object"
    return _type_of_branches(bundle, schema, visited)


def _type_of_branches(bundle: Json, schema: Json, visited: frozenset[str]) -> str | None:
    """The type that all alternatives have, or that a part of an `allOf` has."""
    for keyword in ("allOf", "anyOf", "oneOf"):
        branches = [branch for branch in schema.get(keyword, ()) if not (isinstance(branch, dict) and branch.get("type") == "null")]
        types = {_single_type(bundle, branch, visited) for branch in branches}
        if keyword == "allOf":
            types.discard(None)
        if len(types) == 1:
            return types.pop()
    return None


def properties_of(bundle: Json, schema: Any, visited: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The properties of a schema, its references and the parts of its `allOf`."""
    if not isinstance(schema, dict) or schema.get("$ref") in visited:
        return {}
    properties = dict(schema.get("properties", {}))
    if "$ref" in schema:
        properties |= properties_of(bundle, lookup(bundle, schema["$ref"]), visited | {schema["$ref"]})
    for branch in schema.get("allOf", ()):
        properties |= properties_of(bundle, branch, visited)
    return properties


def items_of(bundle: Json, schema: Any) -> Any:
    """The schema of an array's items."""
    array: Any = resolve(bundle, schema, "")[0] if isinstance(schema, dict) else {}
    return array.get("items", {}) if isinstance(array, dict) else {}


def decoder(bundle: Json, parameter: Parameter, unquoter: Unquoter = str) -> Decoder:
    """The function from a parameter's text to its JSON value; `unquoter` decodes the parts between separators."""
    if parameter.media_type is not None:
        return lambda raw: json_value(unquoter(raw))
    type_name = type_of(bundle, parameter.schema)
    if type_name == "array":
        return _array(bundle, parameter, unquoter)
    if type_name == "object":
        return _object(bundle, parameter, unquoter)
    decode, prefixes = scalar(type_name), _prefixes(parameter)
    return lambda raw: decode(unquoter(_without_prefix(raw, prefixes)))


def _array(bundle: Json, parameter: Parameter, unquoter: Unquoter) -> Decoder:
    item = scalar(type_of(bundle, items_of(bundle, parameter.schema)))
    prefixes = _prefixes(parameter)
    if parameter.style == "matrix" and parameter.explode:
        return lambda raw: [item(part) for part in _without_prefix(raw, prefixes).split(prefixes[0])]
    return lambda raw: [item(part) for part in _split(_without_prefix(raw, prefixes), parameter, unquoter)]


def _object(bundle: Json, parameter: Parameter, unquoter: Unquoter) -> Decoder:
    members = member_decoders(bundle, parameter.schema)
    prefixes = (";",) if parameter.style == "matrix" and parameter.explode else _prefixes(parameter)

    def decode(raw: str) -> Any:
        parts = _split(_without_prefix(raw, prefixes), parameter, unquoter)
        pairs = [part.partition("=")[::2] for part in parts] if parameter.explode else list(zip(parts[::2], parts[1::2], strict=False))
        return {name: members.get(name, str)(value) for name, value in pairs}

    return decode


def member_decoders(bundle: Json, schema: Any) -> Mapping[str, Decoder]:
    """The decoders of an object's properties."""
    return {name: scalar(type_of(bundle, property_schema)) for name, property_schema in properties_of(bundle, schema).items()}


def _prefixes(parameter: Parameter) -> tuple[str, ...]:
    return {"label": (".",), "matrix": (f";{parameter.name}=", f";{parameter.name}")}.get(parameter.style, ())


def _without_prefix(raw: str, prefixes: tuple[str, ...]) -> str:
    return next((raw.removeprefix(prefix) for prefix in prefixes if raw.startswith(prefix)), raw)


def _split(raw: str, parameter: Parameter, unquoter: Unquoter) -> list[str]:
    """The parts between separators. Percent-encoded separators only count if there are no literal ones."""
    if not raw:
        return []
    separator = _separator(raw, parameter)
    parts = list(map(unquoter, raw.split(separator))) if separator in raw else unquoter(raw).split(separator)
    return [part.strip() for part in parts] if parameter.location == "header" else parts


def _separator(raw: str, parameter: Parameter) -> str:
    """The separator. `label` uses dots; if nothing is exploded, 3.1.1 and RFC 6570 use commas."""
    match parameter.style:
        case "label":
            return "," if "," in raw and not parameter.explode else "."
        case "matrix" if parameter.explode:
            return ";"
        case style:
            return SEPARATORS.get(style, ",")


def scalar(type_name: str) -> Decoder:
    """The decoder for values of one type."""
    return {"integer": _integer, "number": _number, "boolean": _boolean, "null": _null, "object": json_value, "array": json_value}.get(
        type_name, str
    )


def json_value(raw: str) -> Any:
    """The value of JSON text, or the text itself if it is not JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return raw


def unquote_query(raw: str) -> str:
    """The decoded part of a query string. Raises UnicodeDecodeError."""
    if "+" in raw:
        raw = raw.replace("+", " ")
    return unquote(raw, errors="strict") if "%" in raw else raw


def unquote_cookie(raw: str) -> str:
    """The decoded value of a cookie; one that is not percent-encoded UTF-8 stays as it is."""
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
