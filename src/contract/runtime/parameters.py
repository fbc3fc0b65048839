"""The query, header, cookie and path parameters of an operation: read from a request, validated, and named as in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from contract import names
from contract.openapi.media_types import Header
from contract.openapi.operations import PATH_PARAMETER, Operation, Parameter
from contract.openapi.references import Json, escape, resolve
from contract.runtime import cookies, styles
from contract.runtime.problems import Violation, invalid
from contract.runtime.unknown_parameters import HeaderNames, UnknownParameters, ignores_unknown
from contract.runtime.validators import Validators, reference
from contract.runtime.violations import validation_problem

MAX_FIELDS = 1000  # of one query string
WITHOUT_PREFIX = {"CONTENT_TYPE", "CONTENT_LENGTH"}
Fields = dict[str, list[str]]  # still percent-encoded


class ParameterSource(NamedTuple):
    """The parts of one request that hold parameters."""

    query: Fields
    environ: Mapping[str, Any]
    cookies: Mapping[str, list[str]]


ReadParameter = Callable[[ParameterSource], Any]  # None if the parameter is absent


class Parameters:
    """The compiled parameters of one operation."""

    def __init__(self, bundle: Json, operation: Operation, validators: Validators, headers: HeaderNames | None = None) -> None:
        self._bundle = bundle
        path, not_in_path = _in_path(operation), list(outside_path(operation))
        wire_names = _wire_names([*path, *not_in_path])
        self._path = [
            (name, styles.decoder(validators, parameter, styles.unquote_lenient)) for name, parameter in zip(wire_names, path, strict=False)
        ]
        claimed = {parameter.name for parameter in not_in_path}
        claimed |= {f"{parameter.name}[" for parameter in not_in_path if parameter.style == "deepObject"}
        self._outside_path = [
            (name, _reader(validators, parameter, claimed)) for name, parameter in zip(wire_names[len(path) :], not_in_path, strict=True)
        ]
        self._keys = dict(
            zip(
                wire_names[len(path) :],
                names.parameter_keys([(parameter.name, parameter.location) for parameter in not_in_path]),
                strict=True,
            )
        )
        self._validator = validators.compile(_schema(wire_names, [*path, *not_in_path]))
        self._defaults = dict(_defaults(bundle, dict(zip(self._keys.values(), not_in_path, strict=True)), validators))
        self._unknown = None if headers is None or ignores_unknown(operation) else UnknownParameters(validators, operation, headers)
        self._reads_query = self._unknown is not None or any(parameter.location == "query" for parameter in not_in_path)
        self._reads_cookies = any(parameter.location == "cookie" for parameter in not_in_path)

    def decode(self, path_values: Sequence[str], environ: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """(path values in the template's order, the other values by Python name with defaults). Raises Problem 400.

        Path values are percent-encoded.
        """
        undecodable: list[Violation] = []
        values = dict(_decoded(((name, decode, value) for (name, decode), value in zip(self._path, path_values, strict=True)), undecodable))
        path = [values.get(name) for name, _ in self._path]
        if self._outside_path or self._unknown:
            source = self._source(environ)
            if self._unknown:
                self._unknown.check(source.query, environ)
            readings = _decoded(((name, read, source) for name, read in self._outside_path), undecodable)
            values |= {name: value for name, value in readings if value is not None}
        if undecodable:
            raise invalid(undecodable)
        if not self._validator.is_valid(values):
            raise validation_problem(self._bundle, self._validator.iter_errors(values), is_parameters=True)
        by_key = {key: values[name] for name, key in self._keys.items() if name in values}
        return path, self._defaults | by_key

    def _source(self, environ: Mapping[str, Any]) -> ParameterSource:
        query = fields(environ.get("QUERY_STRING", "")) if self._reads_query else {}
        return ParameterSource(query, environ, cookies.parse(environ.get("HTTP_COOKIE", "")) if self._reads_cookies else {})


def _decoded(readings: Iterable[tuple[str, Callable[[Any], Any], Any]], undecodable: list[Violation]) -> Iterable[tuple[str, Any]]:
    """The names and values; what is not written in its style is added to `undecodable`."""
    for name, read, source in readings:
        try:
            yield name, read(source)
        except styles.UndecodableError as error:
            undecodable.append(Violation((name,), str(error), is_parameter=True))


def outside_path(operation: Operation) -> Iterable[Parameter]:
    """The parameters outside the path, without headers that other parts of the document describe."""
    return (parameter for parameter in operation.parameters if parameter.location != "path" and not parameter.is_ignored)


def fields(text: str) -> Fields:
    """Name -> values, still percent-encoded. Raises Problem 400 for invalid UTF-8 and for too many fields."""
    if not text:
        return {}
    values_by_name: Fields = {}
    try:
        for pair in text.split("&", MAX_FIELDS + 1):
            name, _, value = pair.partition("=")
            if pair:
                styles.unquote_query(value)
                values_by_name.setdefault(styles.unquote_query(name), []).append(value)
    except UnicodeDecodeError as error:
        raise invalid([Violation((), "The query string is not UTF-8", is_parameter=True)]) from error
    if len(values_by_name) > MAX_FIELDS or sum(map(len, values_by_name.values())) > MAX_FIELDS:
        raise invalid([Violation((), f"The query string has more than {MAX_FIELDS} fields", is_parameter=True)])
    return values_by_name


def _in_path(operation: Operation) -> list[Parameter]:
    """The path parameters in the template's order. An undescribed one is any text."""
    described = {
        parameter.name: parameter if parameter in operation.parameters else replace(parameter, schema={})
        for parameter in operation.all_parameters
        if parameter.location == "path"
    }
    return [described[name] for name in PATH_PARAMETER.findall(operation.path)]


def _wire_names(parameters: list[Parameter]) -> list[str]:
    """The document's names, for errors. Where two parameters share a name, the location is put before it."""
    unqualified = [name for name, _ in {(parameter.name, parameter.location) for parameter in parameters}]
    return [
        parameter.name if unqualified.count(parameter.name) == 1 else f"{parameter.location}.{parameter.name}" for parameter in parameters
    ]


def _schema(wire_names: list[str], parameters: list[Parameter]) -> Json:
    """One object schema for all parameters, so that one validator call validates them."""
    return {
        "type": "object",
        "properties": {
            name: reference(schema_pointer(parameter))
            for name, parameter in zip(wire_names, parameters, strict=True)
            if parameter.schema not in ({}, True)
        },
        "required": sorted({name for name, parameter in zip(wire_names, parameters, strict=True) if parameter.required}),
    }


def schema_pointer(parameter: Parameter) -> str:
    """The pointer of a parameter's schema."""
    return (
        f"{parameter.pointer}/schema"
        if parameter.media_type is None
        else f"{parameter.pointer}/content/{escape(parameter.media_type)}/schema"
    )


def _defaults(bundle: Json, parameters: Mapping[str, Parameter], validators: Validators) -> Iterable[tuple[str, Any]]:
    """Python name -> default, for defaults that are valid."""
    for key, parameter in parameters.items():
        schema: Any = parameter.schema
        if isinstance(schema, dict) and "default" not in schema:
            schema = resolve(bundle, schema, "")[0]
        if isinstance(schema, dict) and "default" in schema and validators.at(schema_pointer(parameter)).is_valid(schema["default"]):
            yield key, schema["default"]


def _reader(validators: Validators, parameter: Parameter, claimed: set[str]) -> ReadParameter:
    """The function that reads and decodes a parameter."""
    match parameter.location:
        case "query":
            return query_reader(validators, parameter, claimed)
        case "header":
            key, decode = _header_key(parameter.name), styles.decoder(validators, parameter)
            return lambda source: None if (raw := source.environ.get(key)) is None else decode(raw)
        case _:
            return _cookie_reader(validators, parameter, claimed)


def query_reader(
    validators: Validators, parameter: Parameter, claimed: set[str], unquoter: styles.Unquoter = styles.unquote_query
) -> ReadParameter:
    """The reader of a query parameter or a form field. An exploded object takes the fields that are not `claimed` by others."""
    schema = styles.TextSchema(validators, parameter.schema)
    if parameter.media_type is not None:
        return _single_reader(parameter.name, styles.decoder(validators, parameter, unquoter), unquoter)
    if styles.is_spread(schema, parameter):
        return _spread_object(schema, parameter, claimed - {parameter.name}, unquoter)
    name = parameter.name
    if parameter.explode and "array" in schema.types:
        return lambda source: schema.repeated([unquoter(raw) for raw in source.query[name]]) if name in source.query else None
    read = _single_reader(name, styles.decoder(validators, parameter, unquoter), unquoter)
    if not parameter.node.get("allowEmptyValue") or schema.may_be_text:
        return read
    return lambda source: None if source.query.get(name) == [""] else read(source)


def _single_reader(name: str, decode: styles.Decoder, unquoter: styles.Unquoter) -> ReadParameter:
    def read(source: ParameterSource) -> Any:
        values = source.query.get(name)
        if values is None:
            return None
        return decode(values[0]) if len(values) == 1 else [unquoter(raw) for raw in values]

    return read


def _spread_object(schema: styles.TextSchema, parameter: Parameter, claimed: set[str], unquoter: styles.Unquoter) -> ReadParameter:
    """`filter[a]=1` (deepObject), or the object's properties as fields (form, exploded)."""
    if parameter.style == "deepObject":
        return lambda source: styles.deep_object(schema, parameter.name, source.query, unquoter)

    def read(source: ParameterSource) -> Any:
        names = [
            name
            for name in source.query
            if schema.has_member(name) and (name in schema.properties or not (name in claimed or f"{name.partition('[')[0]}[" in claimed))
        ]
        return schema.object([(name, unquoter(raw)) for name in names for raw in source.query[name]]) or None

    return read


def _cookie_reader(validators: Validators, parameter: Parameter, claimed: set[str]) -> ReadParameter:
    """The reader of a cookie. The first value of a name counts, except for exploded arrays, whose values all have the same name."""
    schema, unquote = styles.TextSchema(validators, parameter.schema), styles.unquote_lenient
    if styles.is_spread(schema, parameter):
        others = claimed - {parameter.name}

        def read(source: ParameterSource) -> Any:
            names = [name for name in source.cookies if schema.has_member(name) and (name in schema.properties or name not in others)]
            return schema.object([(name, unquote(source.cookies[name][0])) for name in names]) or None

        return read
    name, decode = parameter.name, styles.decoder(validators, parameter, unquote)
    is_repeated = parameter.media_type is None and parameter.explode and "array" in schema.types

    def read_value(source: ParameterSource) -> Any:
        values = source.cookies.get(name)
        if values is None:
            return None
        if not is_repeated:
            return decode(values[0])
        return schema.repeated([unquote(part) for value in values for part in value.split(",")])

    return read_value


def header_check(validators: Validators, header: Header) -> Callable[[str], bool]:
    """Whether the text of a header of a response or of a part is valid."""
    field = Parameter(
        name=header.name,
        location="header",
        required=header.required,
        schema=header.schema,
        style="simple",
        explode=header.explode,
        media_type=header.media_type,
        node=header.node,
        pointer=header.pointer,
    )
    decode, validator = styles.decoder(validators, field), validators.at(schema_pointer(field))

    def is_valid(text: str) -> bool:
        try:
            return validator.is_valid(decode(text))
        except styles.UndecodableError:
            return False

    return is_valid


def _header_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in WITHOUT_PREFIX else f"HTTP_{key}"
