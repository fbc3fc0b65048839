"""The serialization of parameters (OpenAPI 3.1, section 4.8.12.2; RFC 6570): text to JSON values.

The encoders of `contract.sdk` are the other direction; `docs/serialization.md` lists what the specification leaves open. Text that
does not look like its type stays text, and the schema refuses it; UndecodableError is for text that a schema could accept by mistake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import msgspec

from contract.openapi import schemas
from contract.openapi.operations import Parameter
from contract.runtime.media import essence, is_json
from contract.runtime.validators import Validators

INTEGER = re.compile(r"-?[0-9]{1,30}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
WHOLE = re.compile(r"-?[0-9]{1,30}\.0{1,30}")  # `5.0` is a whole number
EXACT = 2**53  # integers up to here are exact as floating-point numbers
BRACKETS = re.compile(r"(\[[^\[\]]*\]){1,16}")
DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
# Of a union, the first type whose value the schema accepts: text is text if it may be.
UNION_ORDER = ("string", "integer", "number", "boolean", "null", "array", "object")
Decoder = Callable[[str], Any]
Unquoter = Callable[[str], str]  # removes percent-encoding
Pairs = Sequence[tuple[str, str]]


class UndecodableError(Exception):
    """Text that is not what its style or media type requires. The message is a sentence for the caller."""


class TextSchema:
    """A schema, as far as text is converted to its values."""

    def __init__(self, validators: Validators, schema: Any) -> None:
        self.schema = schema
        self._validators = validators

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types to try, in order; none if any text will do. Null does not count beside others."""
        types = schemas.types_of(self._validators.bundle, self.schema)
        types = types - {"null"} or types
        return tuple(type_ for type_ in UNION_ORDER if type_ in (types - {"integer"} if "number" in types else types))

    @property
    def is_list(self) -> bool:
        """Whether only arrays are possible."""
        return self.types == ("array",)

    @property
    def may_be_text(self) -> bool:
        """Whether text is a possible value."""
        return not self.types or "string" in self.types

    @cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """Whether a value is valid."""
        return self._validators.of(self.schema).is_valid

    @cached_property
    def scalar(self) -> Decoder:
        """The decoder of one text. Arrays and objects are JSON there."""
        if len(self.types) < 2:  # noqa: PLR2004 - a union has two
            return SCALARS.get(self.types[0], str) if self.types else str
        return self.first_accepted([SCALARS[type_] for type_ in self.types])

    def first_accepted(self, decoders: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
        """The first value that the schema accepts; the last one if it accepts none."""

        def decode(raw: Any) -> Any:
            value, error = None, None
            for decoder_ in decoders:
                try:
                    value, error = decoder_(raw), None
                except UndecodableError as reason:
                    error = reason
                    continue
                if self.accepts(value):
                    return value
            if error is not None:
                raise error
            return value

        return decode

    @cached_property
    def _first_items(self) -> list[TextSchema]:
        return [TextSchema(self._validators, schema) for schema in schemas.first_items_of(self._validators.bundle, self.schema)]

    @cached_property
    def _items(self) -> TextSchema:
        return TextSchema(self._validators, schemas.items_of(self._validators.bundle, self.schema))

    def items(self, texts: Sequence[str]) -> list[Any]:
        """The values of an array's items."""
        first = [item.scalar(text) for item, text in zip(self._first_items, texts, strict=False)]
        return first + [self._items.scalar(text) for text in texts[len(self._first_items) :]]

    @cached_property
    def properties(self) -> Mapping[str, TextSchema]:
        """The named properties."""
        named = schemas.properties_of(self._validators.bundle, self.schema)
        return {name: TextSchema(self._validators, schema) for name, schema in named.items()}

    @cached_property
    def _patterns(self) -> list[tuple[Callable[[Any], bool], TextSchema]]:
        described = schemas.patterns_of(self._validators.bundle, self.schema)
        return [
            (self._validators.of({"pattern": pattern}).is_valid, TextSchema(self._validators, schema))
            for pattern, schema in described.items()
        ]

    @cached_property
    def _additional(self) -> TextSchema | None:
        schema = schemas.additional_of(self._validators.bundle, self.schema)
        return None if schema is None else TextSchema(self._validators, schema)

    def member(self, name: str) -> TextSchema:
        """The schema of a property of this name."""
        if name in self.properties:
            return self.properties[name]
        matching = next((schema for fits, schema in self._patterns if fits(name)), None)
        return matching or self._additional or ANY

    def has_member(self, name: str) -> bool:
        """Whether a property of this name is described, or no property is."""
        if name in self.properties or any(fits(name) for fits, _ in self._patterns):
            return True
        if self._additional is not None:
            return self._additional.schema is not False
        return not self.properties and not self._patterns

    def object(self, pairs: Pairs) -> dict[str, Any]:
        """The values of an object's members; a name that is repeated, or is that of a list, has a list."""
        texts: dict[str, list[str]] = {}
        for name, text in pairs:
            texts.setdefault(name, []).append(text)
        return {name: self.member(name).repeated(values) for name, values in texts.items()}

    def repeated(self, texts: Sequence[str]) -> Any:
        """The value of a name with one or more texts."""
        if self.is_list:
            return self.items(texts)
        values = [self.scalar(text) for text in texts]
        value = values[0] if len(values) == 1 else values
        return self.items(texts) if "array" in self.types and not self.accepts(value) else value


def decoder(validators: Validators, parameter: Parameter, unquoter: Unquoter = str) -> Decoder:
    """The function from a parameter's text to its JSON value; `unquoter` decodes the parts between separators."""
    schema = TextSchema(validators, parameter.schema)
    if parameter.media_type is not None:
        return content_decoder(schema, parameter.media_type, unquoter)
    decoders = [_typed_decoder(schema, type_, parameter, unquoter) for type_ in schema.types or ("string",)]
    return decoders[0] if len(decoders) == 1 else schema.first_accepted(decoders)


def content_decoder(schema: TextSchema, media_type: str, unquoter: Unquoter = str) -> Decoder:
    """The function for a value in a media type: JSON, or text."""
    if not is_json(essence(media_type)):
        return lambda raw: schema.scalar(unquoter(raw))

    def decode(raw: str) -> Any:
        text = unquoter(raw)
        try:
            return msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            if schema.may_be_text:
                raise UndecodableError("Must be valid JSON") from error
            return text

    return decode


def _typed_decoder(schema: TextSchema, type_: str, parameter: Parameter, unquoter: Unquoter) -> Decoder:
    match type_:
        case "array":
            return lambda raw: schema.items(_list_texts(schema, parameter, raw, unquoter))
        case "object":
            return lambda raw: schema.object(_pairs(parameter, raw, unquoter))
        case _:
            decode = SCALARS.get(type_, str)
            return lambda raw: decode(unquoter(_without_prefix(parameter, raw)))


def _list_texts(schema: TextSchema, parameter: Parameter, raw: str, unquoter: Unquoter) -> list[str]:
    """The texts of an array's items."""
    if parameter.style == "matrix" and parameter.explode:
        pairs = _matrix_pairs(parameter, raw, unquoter)
        if any(name != parameter.name for name, _ in pairs):
            raise UndecodableError(f"Must begin with ;{parameter.name}")
        return [text for _, text in pairs]
    texts = _split(parameter, _without_prefix(parameter, raw), unquoter)
    if len(texts) == 1 and "," in texts[0] and parameter.style not in DELIMITERS and not schema.accepts(schema.items(texts)):
        return texts[0].split(",")  # many clients encode commas, even delimiters
    return texts


def _pairs(parameter: Parameter, raw: str, unquoter: Unquoter) -> Pairs:
    """The names and texts of an object's members."""
    if parameter.style == "matrix" and parameter.explode:
        return _matrix_pairs(parameter, raw, unquoter)
    content = _without_prefix(parameter, raw)
    if parameter.explode:
        return [(unquoter(name), unquoter(text)) for name, _, text in (part.partition("=") for part in _raw_parts(parameter, content))]
    parts = _split(parameter, content, unquoter)
    if len(parts) == 1:
        parts = parts[0].split(DELIMITERS.get(parameter.style, ","))
    if len(parts) % 2:
        raise UndecodableError("Must be names and values in turn")
    return list(zip(parts[::2], parts[1::2], strict=True))


def _matrix_pairs(parameter: Parameter, raw: str, unquoter: Unquoter) -> Pairs:
    """The pairs of `;name=value;name=value`. Those of an array all have the parameter's name."""
    if not raw.startswith(";"):
        raise UndecodableError(f"Must begin with ;{parameter.name}")
    return [(unquoter(name), unquoter(text)) for name, _, text in (part.partition("=") for part in raw[1:].split(";"))]


def _without_prefix(parameter: Parameter, raw: str) -> str:
    """The text behind the prefix of `label` and `matrix`, without which it is another parameter or none."""
    if parameter.style == "label":
        if not raw.startswith("."):
            raise UndecodableError("Must begin with a dot")
        return raw[1:]
    if parameter.style == "matrix":
        name, _, text = raw.partition("=")
        if unquote(name) != f";{parameter.name}":
            raise UndecodableError(f"Must begin with ;{parameter.name}=")
        return text
    return raw


def _split(parameter: Parameter, raw: str, unquoter: Unquoter) -> list[str]:
    """The parts between separators. Spaces always separate; percent-encoded pipes do if there are no literal ones."""
    delimiter = DELIMITERS.get(parameter.style)
    if raw and (delimiter == " " or (delimiter == "|" and "|" not in raw)):
        return unquoter(raw).split(delimiter)
    return [unquoter(part) for part in _raw_parts(parameter, raw)]


def _raw_parts(parameter: Parameter, raw: str) -> list[str]:
    """The parts between literal separators. `label` uses dots; if nothing is exploded, OpenAPI 3.1.1 and RFC 6570 use commas."""
    if not raw:
        return []
    if parameter.style == "label":
        return raw.split("," if "," in raw and not parameter.explode else ".")
    parts = raw.split(DELIMITERS.get(parameter.style, ","))
    return [part.strip() for part in parts] if parameter.location == "header" else parts


def is_spread(schema: TextSchema, parameter: Parameter) -> bool:
    """Whether a parameter is an object with several fields of the query."""
    return parameter.media_type is None and schema.types == ("object",) and (parameter.style == "deepObject" or parameter.explode)


def deep_object(schema: TextSchema, name: str, fields: Mapping[str, Sequence[str]], unquoter: Unquoter) -> dict[str, Any] | None:
    """The object of `name[member]=text` fields; None without one. Members of members have more brackets."""
    tree: dict[str, Any] = {}
    for field, raws in fields.items():
        if field.startswith(f"{name}[") and (keys := _bracketed(field[len(name) :])) is not None:
            _plant(tree, keys, [unquoter(raw) for raw in raws])
    return _of_tree(schema, tree) or None


def is_deep_field(name: str, field: str) -> bool:
    """Whether a field belongs to a `deepObject` parameter."""
    return field.startswith(f"{name}[") and _bracketed(field[len(name) :]) is not None


def _bracketed(text: str) -> list[str] | None:
    """The names in brackets; None for anything else. An empty last name, as in `[tags][]`, only says that there may be more values."""
    if not BRACKETS.fullmatch(text):
        return None
    keys = text[1:-1].split("][")
    return keys[:-1] if len(keys) > 1 and not keys[-1] else keys


def _plant(tree: dict[str, Any], keys: list[str], texts: list[str]) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise UndecodableError(f"Has both a value and members for {key}")
    known = tree.setdefault(keys[-1], [])
    if not isinstance(known, list):
        raise UndecodableError(f"Has both a value and members for {keys[-1]}")
    known.extend(texts)


def _of_tree(schema: TextSchema, tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _of_tree(schema.member(name), value) if isinstance(value, dict) else schema.member(name).repeated(value)
        for name, value in tree.items()
    }


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


def unquote_lenient(raw: str) -> str:
    """The decoded value of a cookie or of a part of a path; one that is not percent-encoded UTF-8 stays as it is."""
    try:
        return unquote(raw, errors="strict") if "%" in raw else raw
    except UnicodeDecodeError:
        return raw


def _integer(raw: str) -> Any:
    if INTEGER.fullmatch(raw):
        return int(raw)
    return int(raw.partition(".")[0]) if WHOLE.fullmatch(raw) else raw


def _number(raw: str) -> Any:
    if INTEGER.fullmatch(raw) and abs(int(raw)) > EXACT:
        return int(raw)
    value = float(raw) if NUMBER.fullmatch(raw) else math.nan
    return value if math.isfinite(value) else raw


def _boolean(raw: str) -> Any:
    return {"true": True, "false": False}.get(raw, raw)


def _null(raw: str) -> Any:
    return None if raw in {"", "null"} else raw


SCALARS: Mapping[str, Decoder] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "null": _null,
    "array": json_value,
    "object": json_value,
}
ANY = TextSchema(Validators({}), {})
