"""Query, header, cookie and path parameters of an operation: read from a request, judged by the schema, in Python's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from contract import names
from contract.openapi.operations import PATH_PARAMETER, Json, Operation, Parameter, escape, resolve
from contract.runtime import cookies, styles
from contract.runtime.problems import Violation, invalid
from contract.runtime.validators import Validators, reference
from contract.runtime.violations import problem

MOST_FIELDS = 1000  # of one query string
IGNORED_HEADERS = {"accept", "content-type", "authorization"}  # OpenAPI 3.1, section 4.8.12.1
WITHOUT_PREFIX = {"CONTENT_TYPE", "CONTENT_LENGTH"}
Fields = dict[str, list[str]]  # still percent-encoded


class Source(NamedTuple):
    """Where the parameters of one request are read from."""

    query: Fields
    environ: Mapping[str, Any]
    cookies: Mapping[str, str]


Read = Callable[[Source], Any]  # None when absent


class Parameters:
    """The compiled parameters of one operation."""

    def __init__(self, bundle: Json, operation: Operation, validators: Validators) -> None:
        self._bundle = bundle
        path, others = _in_path(operation), list(outside_path(operation))
        wire = _wire_names([*path, *others])
        self._path = [(name, styles.decoder(bundle, one)) for name, one in zip(wire, path, strict=False)]
        claimed = {one.name for one in others}
        self._others = [(name, _reader(bundle, one, claimed)) for name, one in zip(wire[len(path) :], others, strict=True)]
        self._keys = dict(zip(wire[len(path) :], names.parameter_keys([(one.name, one.location) for one in others]), strict=True))
        self._validator = validators.compile(_schema(wire, [*path, *others]))
        self._defaults = dict(_defaults(bundle, dict(zip(self._keys.values(), others, strict=True)), validators))
        self._reads_query = any(one.location == "query" for one in others)
        self._reads_cookies = any(one.location == "cookie" for one in others)

    def decode(self, path_values: Sequence[str], environ: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """(path values in the template's order, the others by Python name with defaults filled in). Raises Problem 400."""
        path = [(name, decode(value)) for (name, decode), value in zip(self._path, path_values, strict=True)]
        found = dict(path)
        if self._others:
            source = self._source(environ)
            for name, read in self._others:
                value = read(source)
                if value is not None:
                    found[name] = value
        if not self._validator.is_valid(found):
            raise problem(self._bundle, self._validator.iter_errors(found), is_parameters=True)
        others = {key: found[name] for name, key in self._keys.items() if name in found}
        return [value for _, value in path], self._defaults | others

    def _source(self, environ: Mapping[str, Any]) -> Source:
        query = fields(environ.get("QUERY_STRING", "")) if self._reads_query else {}
        return Source(query, environ, cookies.parse(environ.get("HTTP_COOKIE", "")) if self._reads_cookies else {})


def outside_path(operation: Operation) -> Iterable[Parameter]:
    """The parameters beside the path; header fields that other parts of the document describe are none."""
    return (one for one in operation.parameters if one.location != "path" and not _is_ignored(one))


def fields(text: str) -> Fields:
    """Name -> values, still percent-encoded. Raises Problem 400 for what is not UTF-8, and for too many."""
    if not text:
        return {}
    found: Fields = {}
    try:
        for pair in text.split("&", MOST_FIELDS + 1):
            name, _, value = pair.partition("=")
            if pair:
                styles.plain_query(value)
                found.setdefault(styles.plain_query(name), []).append(value)
    except UnicodeDecodeError as error:
        raise invalid([Violation((), "The query string is not UTF-8", is_parameter=True)]) from error
    if len(found) > MOST_FIELDS or sum(map(len, found.values())) > MOST_FIELDS:
        raise invalid([Violation((), f"The query string has more than {MOST_FIELDS} fields", is_parameter=True)])
    return found


def _is_ignored(parameter: Parameter) -> bool:
    return parameter.location == "header" and parameter.name.lower() in IGNORED_HEADERS


def _in_path(operation: Operation) -> list[Parameter]:
    """The path parameters in the template's order; one that is not described is text."""
    described = {one.name: one for one in operation.parameters if one.location == "path"}
    return [
        described.get(name) or Parameter(name, "path", True, {}, "simple", False, None, {}, "")  # noqa: FBT003 - a row of its fields
        for name in PATH_PARAMETER.findall(operation.path)
    ]


def _wire_names(parameters: list[Parameter]) -> list[str]:
    """The document's names, led by the location where two have one name: what errors call them."""
    plain = [name for name, _ in {(one.name, one.location) for one in parameters}]
    return [one.name if plain.count(one.name) == 1 else f"{one.location}.{one.name}" for one in parameters]


def _schema(wire: list[str], parameters: list[Parameter]) -> Json:
    """One object schema over all parameters, so that one validator call judges them."""
    return {
        "type": "object",
        "properties": {name: reference(pointer(one)) for name, one in zip(wire, parameters, strict=True) if one.schema not in ({}, True)},
        "required": sorted({name for name, one in zip(wire, parameters, strict=True) if one.required}),
    }


def pointer(parameter: Parameter) -> str:
    """Where the schema of a parameter stands."""
    return (
        f"{parameter.pointer}/schema"
        if parameter.media_type is None
        else f"{parameter.pointer}/content/{escape(parameter.media_type)}/schema"
    )


def _defaults(bundle: Json, parameters: Mapping[str, Parameter], validators: Validators) -> Iterable[tuple[str, Any]]:
    """Python name -> default, for defaults that their own schemas accept."""
    for key, one in parameters.items():
        schema: Any = one.schema
        if isinstance(schema, dict) and "default" not in schema:
            schema = resolve(bundle, schema, "")[0]
        if isinstance(schema, dict) and "default" in schema and validators.at(pointer(one)).is_valid(schema["default"]):
            yield key, schema["default"]


def _reader(bundle: Json, parameter: Parameter, claimed: set[str]) -> Read:
    """How a parameter is found in a request and decoded."""
    match parameter.location:
        case "query":
            return query_reader(bundle, parameter, claimed)
        case "header":
            key, decode = _header_key(parameter.name), styles.decoder(bundle, parameter)
            return lambda source: None if (raw := source.environ.get(key)) is None else decode(raw)
        case _:
            return _cookie_reader(bundle, parameter)


def query_reader(bundle: Json, parameter: Parameter, claimed: set[str]) -> Read:
    """How a query parameter, or a form's field, is read; an exploded object takes the fields that are not `claimed` by others."""
    kind = styles.kind_of(bundle, parameter.schema)
    if parameter.media_type is None and kind == "object" and (parameter.style == "deepObject" or parameter.explode):
        return _spread_object(bundle, parameter, claimed - {parameter.name})
    name, decode = parameter.name, styles.decoder(bundle, parameter, styles.plain_query)
    if kind == "array" and parameter.media_type is None and parameter.explode:
        item = styles.scalar(styles.kind_of(bundle, styles.items_of(bundle, parameter.schema)))
        return lambda source: [item(styles.plain_query(raw)) for raw in source.query[name]] if name in source.query else None

    def read(source: Source) -> Any:
        values = source.query.get(name)
        if values is None:
            return None
        return decode(values[0]) if len(values) == 1 else [styles.plain_query(one) for one in values]

    return read


def _spread_object(bundle: Json, parameter: Parameter, claimed: set[str]) -> Read:
    """`filter[a]=1` (deepObject), or the object's own properties as fields (form, exploded)."""
    properties = styles.properties_of(bundle, parameter.schema)
    lists = {name for name, one in properties.items() if styles.kind_of(bundle, one) == "array"}
    decoders = {
        name: styles.scalar(styles.kind_of(bundle, styles.items_of(bundle, one) if name in lists else one))
        for name, one in properties.items()
    }
    marked = re.compile(re.escape(parameter.name) + r"\[([^\[\]]*)\](?:\[\])?")
    is_free = parameter.style != "deepObject" and not properties

    def member(name: str) -> str | None:
        if parameter.style == "deepObject":
            match = marked.fullmatch(name)
            return match[1] if match else None
        return name if name in properties or (is_free and name not in claimed) else None

    def read(source: Source) -> Any:
        found: dict[str, list[Any]] = {}
        for name, values in source.query.items():
            key = member(name)
            if key is not None:
                found.setdefault(key, []).extend(decoders.get(key, str)(styles.plain_query(one)) for one in values)
        return {key: values if key in lists or len(values) > 1 else values[0] for key, values in found.items()} or None

    return read


def _cookie_reader(bundle: Json, parameter: Parameter) -> Read:
    if parameter.media_type is None and parameter.explode and styles.kind_of(bundle, parameter.schema) == "object":
        members = styles.member_decoders(bundle, parameter.schema)
        return lambda source: (
            {name: one(styles.plain_cookie(source.cookies[name])) for name, one in members.items() if name in source.cookies} or None
        )
    name, decode = parameter.name, styles.decoder(bundle, parameter, styles.plain_cookie)
    return lambda source: None if (raw := source.cookies.get(name)) is None else decode(raw)


def _header_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in WITHOUT_PREFIX else f"HTTP_{key}"
