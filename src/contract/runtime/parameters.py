"""Query, header, cookie and path parameters: from their serialised form (OpenAPI 3.1, section 4.8.12.2) to JSON values.

Decoding never fails for a wrong value: what does not look like its type stays text, and the schema says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from contract import names
from contract.operations import Json, Operation, Parameter, resolve
from contract.runtime.problems import invalid
from contract.runtime.validators import Validators, reference
from contract.runtime.violations import problem

INTEGER = re.compile(r"-?[0-9]{1,30}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MOST_FIELDS = 1000  # of one query string
SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|", "label": ".", "matrix": ","}
Query = dict[str, list[str]]
Decoder = Callable[[Any], Any]


class Parameters:
    """The compiled parameters of one operation."""

    def __init__(self, bundle: Json, operation: Operation, validators: Validators) -> None:
        self._bundle = bundle
        self._path = [one for one in operation.parameters if one.location == "path"]
        self._others = [one for one in operation.parameters if one.location != "path"]
        self._keys = dict(zip(map(_identity, self._others), _keys(self._others), strict=True))
        self._decoders = {_identity(one): _decoder(bundle, one) for one in operation.parameters}
        self._defaults = {self._keys[_identity(one)]: default for one in self._others if (default := _default(bundle, one)) is not None}
        self._validator = validators.compile(_schema(operation))
        self._reads_cookies = any(one.location == "cookie" for one in self._others)

    def decode(self, path_values: Sequence[str], environ: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """(path values in the template's order, the others by Python name with defaults filled in). Raises Problem 400."""
        found = {_identity(one): self._decoders[_identity(one)](value) for one, value in zip(self._path, path_values, strict=True)}
        found.update(self._read(environ))
        wire = {f"{name}": value for (name, _), value in found.items()}
        if not self._validator.is_valid(wire):
            raise problem(self._bundle, self._validator.iter_errors(wire))
        others = {self._keys[identity]: value for identity, value in found.items() if identity in self._keys}
        return [found[_identity(one)] for one in self._path], self._defaults | others

    def _read(self, environ: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
        if not self._others:
            return {}
        query = _query(environ.get("QUERY_STRING", ""))
        cookies = _cookies(environ.get("HTTP_COOKIE", "")) if self._reads_cookies else {}
        found: dict[tuple[str, str], Any] = {}
        for one in self._others:
            raw = _raw(self._bundle, one, query, environ, cookies)
            if raw is not None:
                found[_identity(one)] = self._decoders[_identity(one)](raw)
        return found


def _identity(parameter: Parameter) -> tuple[str, str]:
    return parameter.name, parameter.location


def _keys(parameters: Sequence[Parameter]) -> list[str]:
    return names.parameter_keys([_identity(one) for one in parameters])


def _schema(operation: Operation) -> Json:
    """One object schema over all parameters, so that one validator call judges them."""
    place = {
        one.name: reference(
            f"{one.pointer}/schema" if one.media_type is None else f"{one.pointer}/content/{one.media_type.replace('/', '~1')}/schema"
        )
        for one in operation.parameters
    }
    described = {one.name for one in operation.parameters if one.schema}
    return {
        "type": "object",
        "properties": {name: schema for name, schema in place.items() if name in described},
        "required": [one.name for one in operation.parameters if one.required],
    }


def _default(bundle: Json, parameter: Parameter) -> Any:
    schema, _ = resolve(bundle, parameter.schema, "")
    return schema.get("default")


def _query(text: str) -> Query:
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise invalid({}, ["The query string is not UTF-8 or has too many fields"]) from error
    found: Query = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _raw(bundle: Json, parameter: Parameter, query: Query, environ: Mapping[str, Any], cookies: Mapping[str, str]) -> Any:  # noqa: PLR0917 - the places a parameter can stand in
    """The serialised value: text, a list of texts for a repeated query field, a dict for an object; None when absent."""
    if parameter.location == "header":
        return environ.get(_header_key(parameter.name))
    if parameter.location == "cookie":
        return cookies.get(parameter.name)
    if (
        kind_of(bundle, parameter.schema) == "object"
        and parameter.media_type is None
        and (parameter.style == "deepObject" or parameter.explode)
    ):
        return _query_object(bundle, parameter, query)
    values = query.get(parameter.name)
    return values[0] if values is not None and len(values) == 1 else values


def _header_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


def _query_object(bundle: Json, parameter: Parameter, query: Query) -> dict[str, str] | None:
    """`filter[a]=1` (deepObject), or the object's own properties as fields (form, exploded)."""
    if parameter.style == "deepObject":
        marked = re.compile(re.escape(parameter.name) + r"\[([^\[\]]*)\]")
        found = {match[1]: values[-1] for name, values in query.items() if (match := marked.fullmatch(name))}
    else:
        schema, _ = resolve(bundle, parameter.schema, "")
        found = {name: query[name][-1] for name in schema.get("properties", {}) if name in query}
    return found or None


def _decoder(bundle: Json, parameter: Parameter) -> Decoder:
    """How the serialised value of this parameter becomes a JSON value."""
    if parameter.media_type is not None:
        return _json
    schema, _ = resolve(bundle, parameter.schema, "")
    kind = kind_of(bundle, schema)
    prefix = {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")
    separator = SEPARATORS.get(parameter.style, ",")
    if kind == "array":
        item = _scalar(kind_of(bundle, schema.get("items", {})))
        again = f";{parameter.name}=" if parameter.style == "matrix" and parameter.explode else separator
        return lambda raw: [item(part) for part in (raw if isinstance(raw, list) else _split(raw.removeprefix(prefix), again))]
    if kind == "object":
        properties = {name: _scalar(kind_of(bundle, one)) for name, one in schema.get("properties", {}).items()}
        return lambda raw: _object(raw, prefix, separator, properties, explode=parameter.explode)
    scalar = _scalar(kind)
    return lambda raw: raw if isinstance(raw, list) else scalar(raw.removeprefix(prefix))


def _object(raw: Any, prefix: str, separator: str, properties: Mapping[str, Decoder], *, explode: bool) -> dict[str, Any]:
    if not isinstance(raw, dict):
        parts = _split(str(raw).removeprefix(prefix), separator)
        pairs = [part.partition("=")[::2] for part in parts] if explode else list(zip(parts[::2], parts[1::2], strict=False))
        raw = dict(pairs)
    return {name: properties.get(name, str)(value) for name, value in raw.items()}


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator) if text else []


def _json(raw: Any) -> Any:
    try:
        return msgspec.json.decode(unquote(raw) if isinstance(raw, str) and raw.startswith("%") else raw)
    except (msgspec.MsgspecError, RecursionError, TypeError):
        return raw


def kind_of(bundle: Json, schema: Any) -> str:
    """The one type a schema allows, `string` when it allows text or says nothing; null is not counted."""
    schema, _ = resolve(bundle, schema, "")
    kinds = schema.get("type", [])
    kinds = [one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null"]
    if len(kinds) == 1:
        return str(kinds[0])
    for keyword in ("allOf", "anyOf", "oneOf"):
        inner = {kind_of(bundle, branch) for branch in schema.get(keyword, [])}
        if len(inner) == 1:
            return inner.pop()
    return "string"


def _scalar(kind: str) -> Decoder:
    return {"integer": _integer, "number": _number, "boolean": _boolean}.get(kind, _text)


def _text(raw: str) -> Any:
    return raw


def _integer(raw: str) -> Any:
    return int(raw) if INTEGER.fullmatch(raw) else raw


def _number(raw: str) -> Any:
    return float(raw) if NUMBER.fullmatch(raw) else raw


def _boolean(raw: str) -> Any:
    return {"true": True, "false": False}.get(raw, raw)
