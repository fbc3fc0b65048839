"""From schema errors to sentences for people, by field.

A schema may bring its own sentences: `x-messages: {minItems: "..."}`, or `{oneOf: {field: "..."}}` where the keyword cannot know the field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from contract.openapi.operations import Json, lookup
from contract.runtime.problems import Problem, Violation, invalid, printable

MOST_READ = 1_000  # errors
MOST = 50  # sentences in one answer

FORMATS: dict[str, str] = {
    "email": "e-mail address",
    "date-time": "date and time such as 2026-04-06T12:00:00Z",
    "date": "date such as 2026-04-06",
    "uri": "URL",
    "uuid": "UUID",
}
PLAIN: dict[str, Callable[[Any], str]] = {
    "minLength": lambda kind: f"Must have at least {_count(kind.limit, 'character')}",
    "maxLength": lambda kind: f"Must have at most {_count(kind.limit, 'character')}",
    "minItems": lambda kind: f"Must have at least {_count(kind.limit, 'item')}",
    "maxItems": lambda kind: f"Must have at most {_count(kind.limit, 'item')}",
    "minProperties": lambda kind: f"Must have at least {_count(kind.limit, 'entry', 'entries')}",
    "maxProperties": lambda kind: f"Must have at most {_count(kind.limit, 'entry', 'entries')}",
    "minimum": lambda kind: f"Must be at least {kind.limit}",
    "maximum": lambda kind: f"Must be at most {kind.limit}",
    "exclusiveMinimum": lambda kind: f"Must be more than {kind.limit}",
    "exclusiveMaximum": lambda kind: f"Must be less than {kind.limit}",
    "multipleOf": lambda kind: f"Must be a multiple of {kind.multiple_of}",
    "enum": lambda kind: f"Must be one of: {', '.join(map(_word, kind.options))}",
    "const": lambda kind: f"Must be {_word(kind.expected_value)}",
    "format": lambda kind: f"Must be {_article(FORMATS.get(kind.format, kind.format))}",
    "pattern": lambda kind: f"Must match {kind.pattern}",
    "uniqueItems": lambda _: "Must not contain duplicates",
    "not": lambda _: "Is not allowed in this combination",
}
TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def problem(bundle: Json, errors: Iterable[ValidationError], *, is_parameters: bool = False) -> Problem:
    """The 400 of a request: what is wrong with its body, or with its parameters, whose names are the first part of each path."""
    found: dict[Violation, None] = {}
    for violation in islice((one for error in _telling(errors) for one in _sentences(bundle, error)), MOST):
        found[violation._replace(is_parameter=is_parameters)] = None
    return invalid(found)


def _telling(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """The errors without those about a value that is of the wrong type anyway."""
    first = list(islice(errors, MOST_READ))
    mistyped = {tuple(one.instance_path) for one in first if isinstance(one.kind, Kind.Type)}
    return [one for one in first if isinstance(one.kind, Kind.Type) or tuple(one.instance_path) not in mistyped]


def _sentences(bundle: Json, error: ValidationError) -> Iterator[Violation]:
    """What one error says; a missing or unknown property is the last part of its path."""
    path = tuple(error.instance_path)
    own = _own_message(bundle, error)
    if isinstance(own, dict):
        for field, sentence in own.items():
            yield Violation((*path, field), sentence)
    elif own is not None:
        yield Violation((*path, *_misnamed(error)), own)
    elif (branch := _meant(bundle, error)) is not None:
        for inner in branch:
            yield from _sentences(bundle, inner)
    elif (known := _kinds(bundle, error)) is not None:
        yield Violation((*path, known[0]), f"Must be one of: {', '.join(known[1])}")
    else:
        yield from _standard(error, path)


def _meant(bundle: Json, error: ValidationError) -> list[ValidationError] | None:
    """What is wrong with the one alternative that was meant, by its type or its discriminator; None where several fit."""
    kind: Any = error.kind
    if not isinstance(kind, Kind.AnyOf | Kind.OneOfNotValid):
        return None
    depth = len(error.instance_path)
    name = _discriminator(bundle, error).get("propertyName")
    fitting = [branch for branch in kind.context if not any(_is_other_type(one, depth) for one in branch)]
    if name is not None:
        if not fitting:
            return kind.context[0]  # none of them takes a value of this type, and they say it alike
        fitting = [branch for branch in fitting if not any(_is_other_kind(one, depth, name) for one in branch)]
    return fitting[0] if len(fitting) == 1 and len(kind.context) > 1 else None


def _kinds(bundle: Json, error: ValidationError) -> tuple[str, list[str]] | None:
    """(the discriminator's property, the values it can have) where a union has a discriminator with a mapping."""
    found = _discriminator(bundle, error)
    return (found["propertyName"], list(found["mapping"])) if found.get("mapping") else None


def _discriminator(bundle: Json, error: ValidationError) -> Json:
    found = _schema(bundle, error).get("discriminator")
    return found if isinstance(found, dict) else {}


def _is_other_kind(error: ValidationError, depth: int, name: str) -> bool:
    """Whether the alternative is one that the discriminator does not name."""
    kind: Any = error.kind
    path = list(error.instance_path)
    if isinstance(kind, Kind.Required):
        return len(path) == depth and kind.property == name
    return isinstance(kind, Kind.Constant | Kind.Enum) and path[depth:] == [name]


def _is_other_type(error: ValidationError, depth: int) -> bool:
    return isinstance(error.kind, Kind.Type) and len(error.instance_path) == depth


def _standard(error: ValidationError, path: tuple[str | int, ...]) -> Iterator[Violation]:
    kind: Any = error.kind
    if isinstance(kind, Kind.Required):
        yield Violation((*path, kind.property), "Is required")
    elif isinstance(kind, Kind.AdditionalProperties | Kind.UnevaluatedProperties):
        for name in kind.unexpected:
            yield Violation((*path, name), "Unknown field")
    elif isinstance(kind, Kind.PropertyNames):
        yield Violation(path, f"Has a property name that is not allowed: {printable(str(kind.error.instance))}")
    elif isinstance(kind, Kind.Type):
        yield Violation(path, f"Must be {' or '.join(TYPES[one] for one in kind.types)}")
    elif types := _types_of_alternatives(error):
        yield Violation(path, f"Must be {' or '.join(TYPES[one] for one in types)}")
    else:
        yield Violation(path, PLAIN[kind.name](kind) if kind.name in PLAIN else "Is not valid")


def _types_of_alternatives(error: ValidationError) -> list[str]:
    """The types that the alternatives take, where the value is of none of them."""
    kind: Any = error.kind
    if not isinstance(kind, Kind.AnyOf | Kind.OneOfNotValid):
        return []
    depth = len(error.instance_path)
    found: list[list[Any]] = [[one.kind for one in branch if _is_other_type(one, depth)] for branch in kind.context]
    return list(dict.fromkeys(name for branch in found for one in branch for name in one.types)) if all(found) else []


def _misnamed(error: ValidationError) -> list[str]:
    """The property whose name is wrong, where that is the error."""
    return [str(error.kind.error.instance)] if isinstance(error.kind, Kind.PropertyNames) else []


def _own_message(bundle: Json, error: ValidationError) -> Any:
    """The sentence that the failing schema brings for the failing keyword, None without one."""
    inner = error
    while isinstance(inner.kind, Kind.PropertyNames):
        inner = inner.kind.error
    return _schema(bundle, inner).get("x-messages", {}).get(_location(inner)[1])


def _location(error: ValidationError) -> tuple[str, str]:
    """(pointer of the failing schema, its failing keyword)."""
    pointer, _, keyword = unquote(error.absolute_keyword_location or "").partition("#")[2].rpartition("/")
    return pointer, keyword


def _schema(bundle: Json, error: ValidationError) -> Json:
    """The failing schema, empty where it cannot be found."""
    try:
        node = lookup(bundle, _location(error)[0])
    except (KeyError, IndexError, ValueError, TypeError):
        return {}
    return node if isinstance(node, dict) else {}


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _word(value: Any) -> str:
    if isinstance(value, list | dict):
        return "a given value"
    return value if isinstance(value, str) else json.dumps(value)


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeio" else f"a {noun}"
