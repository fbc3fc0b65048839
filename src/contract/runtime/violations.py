"""Translate schema errors to human-readable sentences, by field.

A schema may have its own sentences: `x-messages: {minItems: "..."}`, or `{oneOf: {field: "..."}}` where the keyword cannot know the field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from contract.openapi.references import Json, lookup
from contract.runtime.problems import Problem, Violation, invalid, printable

MAX_ERRORS = 1_000  # schema errors of one request that are read
MAX_SENTENCES = 50  # in one response

FORMATS: dict[str, str] = {
    "email": "e-mail address",
    "idn-email": "e-mail address",
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


def validation_problem(bundle: Json, errors: Iterable[ValidationError], *, is_parameters: bool = False) -> Problem:
    """The 400 of a request: the violations of its body, or of its parameters, whose names are the first part of each path."""
    violations: dict[Violation, None] = {}
    for violation in islice((violation for error in _relevant(errors) for violation in _violations(bundle, error)), MAX_SENTENCES):
        violations[violation._replace(is_parameter=is_parameters)] = None
    return invalid(violations)


def _relevant(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """The errors without those about a value that also has the wrong type."""
    first = list(islice(errors, MAX_ERRORS))
    mistyped = {tuple(error.instance_path) for error in first if isinstance(error.kind, Kind.Type)}
    return [error for error in first if isinstance(error.kind, Kind.Type) or tuple(error.instance_path) not in mistyped]


def _violations(bundle: Json, error: ValidationError) -> Iterator[Violation]:
    """The violations of one error; a missing or unknown property is the last part of its path."""
    path = tuple(error.instance_path)
    message = _schema_message(bundle, error)
    if isinstance(message, dict):
        for field, sentence in message.items():
            yield Violation((*path, field), sentence)
    elif message is not None:
        yield Violation((*path, *_misnamed(error)), message)
    elif (branch := _intended_branch(bundle, error)) is not None:
        for inner in branch:
            yield from _violations(bundle, inner)
    elif (choice := _discriminator_values(bundle, error)) is not None:
        yield Violation((*path, choice[0]), f"Must be one of: {', '.join(choice[1])}")
    else:
        yield from _standard(error, path)


def _intended_branch(bundle: Json, error: ValidationError) -> list[ValidationError] | None:
    """The errors of the intended branch of a union, known by its type or its discriminator; None if several branches fit."""
    kind: Any = error.kind
    if not isinstance(kind, Kind.AnyOf | Kind.OneOfNotValid):
        return None
    depth = len(error.instance_path)
    name = _discriminator(bundle, error).get("propertyName")
    fitting = [branch for branch in kind.context if not any(_is_other_type(inner, depth) for inner in branch)]
    if name is not None:
        if not fitting:
            return kind.context[0]  # no branch accepts a value of this type, and each reports it in the same words
        fitting = [branch for branch in fitting if not any(_is_other_kind(inner, depth, name) for inner in branch)]
    return fitting[0] if len(fitting) == 1 and len(kind.context) > 1 else None


def _discriminator_values(bundle: Json, error: ValidationError) -> tuple[str, list[str]] | None:
    """(the discriminator's property, its values) if a union has a discriminator with a mapping."""
    discriminator = _discriminator(bundle, error)
    return (discriminator["propertyName"], list(discriminator["mapping"])) if discriminator.get("mapping") else None


def _discriminator(bundle: Json, error: ValidationError) -> Json:
    discriminator = _schema(bundle, error).get("discriminator")
    return discriminator if isinstance(discriminator, dict) else {}


def _is_other_kind(error: ValidationError, depth: int, name: str) -> bool:
    """Whether the discriminator names another branch than that of the error."""
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
        yield Violation(path, f"Must be {' or '.join(TYPES[type_] for type_ in kind.types)}")
    elif types := _branch_types(error):
        yield Violation(path, f"Must be {' or '.join(TYPES[type_] for type_ in types)}")
    else:
        yield Violation(path, PLAIN[kind.name](kind) if kind.name in PLAIN else "Is not valid")


def _branch_types(error: ValidationError) -> list[str]:
    """The types that the branches of a union accept, if the value has none of them."""
    kind: Any = error.kind
    if not isinstance(kind, Kind.AnyOf | Kind.OneOfNotValid):
        return []
    depth = len(error.instance_path)
    mismatches: list[list[Any]] = [[inner.kind for inner in branch if _is_other_type(inner, depth)] for branch in kind.context]
    types = (type_ for branch in mismatches for mismatch in branch for type_ in mismatch.types)
    return list(dict.fromkeys(types)) if all(mismatches) else []


def _misnamed(error: ValidationError) -> list[str]:
    """The property whose name is not valid, if that is the error."""
    return [str(error.kind.error.instance)] if isinstance(error.kind, Kind.PropertyNames) else []


def _schema_message(bundle: Json, error: ValidationError) -> Any:
    """The sentence in `x-messages` of the failing schema for the failing keyword, or None."""
    inner = error
    while isinstance(inner.kind, Kind.PropertyNames):
        inner = inner.kind.error
    return _schema(bundle, inner).get("x-messages", {}).get(_location(inner)[1])


def _location(error: ValidationError) -> tuple[str, str]:
    """(pointer of the failing schema, its failing keyword)."""
    pointer, _, keyword = unquote(error.absolute_keyword_location or "").partition("#")[2].rpartition("/")
    return pointer, keyword


def _schema(bundle: Json, error: ValidationError) -> Json:
    """The failing schema; empty if it cannot be located."""
    try:
        node = lookup(bundle, _location(error)[0])
    except (KeyError, IndexError, ValueError, TypeError):
        return {}
    return node if isinstance(node, dict) else {}


def _count(number: int, singular: str, plural: str = "") -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def _word(value: Any) -> str:
    if isinstance(value, list | dict):
        return "a given value"
    return value if isinstance(value, str) else json.dumps(value)


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeio" else f"a {noun}"
