"""Schemas as rows for people: a name, a type in words, what limits it, and the rows below it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.operations import Json, component_name, lookup

WHOLE_COMPONENT = 3  # slashes in the reference to one
DEEPEST = 12  # levels of inline objects; nobody reads on
LIMITS = {
    "minLength": "at least {} character",
    "maxLength": "at most {} character",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} item",
    "maxItems": "at most {} item",
    "minProperties": "at least {} property",
    "maxProperties": "at most {} property",
    "pattern": "matches {}",
    "contentMediaType": "{}",
    "contentEncoding": "in {}",
}
PLURALS = {"character": "characters", "item": "items", "property": "properties"}
BRANCHES = {"oneOf": "one of", "anyOf": "any of"}


@dataclass(slots=True)
class Row:
    """A schema, or a property of one. `links` are names of component schemas that its type speaks of."""

    name: str = ""
    type: str = "any"
    links: list[str] = field(default_factory=list)
    is_required: bool = False
    notes: list[str] = field(default_factory=list)
    description: str = ""
    limits: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def row(bundle: Json, schema: Any, name: str = "", *, is_required: bool = False, depth: int = 0) -> Row:
    """What a person is told of a schema. A reference is a link to its component, not its contents again."""
    made = Row(name=name, is_required=is_required)
    if not isinstance(schema, dict):
        made.type = "any" if schema is not False else "never"
        return made
    reference = component_name(schema) if _is_component(schema) else None
    made.type, made.links = type_of(bundle, schema)
    shown = {**(_target(bundle, schema) if reference else {}), **{key: value for key, value in schema.items() if key != "$ref"}}
    made.description = str(shown.get("description", ""))
    made.notes = list(_notes(shown))
    if reference is None:
        made.limits = list(_limits(schema))
        made.values = [_shown(value) for value in schema.get("enum", [schema["const"]] if "const" in schema else ())]
        if depth < DEEPEST:
            made.rows = list(_below(bundle, schema, depth + 1))
    return made


def type_of(bundle: Json, schema: Any, depth: int = 0) -> tuple[str, list[str]]:
    """(the type in words, the components that the words name)."""
    schema = _followed(bundle, schema)
    if not isinstance(schema, dict) or depth > DEEPEST:
        return "any", []
    if _is_component(schema):
        name = component_name(schema) or ""
        return name, [name]
    for keyword, words in BRANCHES.items():
        if keyword in schema:
            return _joined(bundle, schema[keyword], words, depth)
    if "allOf" in schema:
        return _joined(bundle, schema["allOf"], "all of", depth)
    written = schema.get("type", _implied(schema))
    kinds = [written] if isinstance(written, str) else list(written)
    if "array" in kinds and "items" in schema:
        inner, links = type_of(bundle, schema["items"], depth + 1)
        return " or ".join(f"array of {inner}" if kind == "array" else kind for kind in kinds), links
    words_of = " or ".join(kinds) or "any"
    return (f"{words_of} ({schema['format']})" if "format" in schema else words_of), []


def _followed(bundle: Json, schema: Any) -> Any:
    """What a reference to something other than a whole component leads to; circles end."""
    for _ in range(DEEPEST):
        if not isinstance(schema, dict) or _is_component(schema) or not str(schema.get("$ref", "")).startswith("#/"):
            break
        schema = lookup(bundle, schema["$ref"])
    return schema


def _joined(bundle: Json, branches: list[Any], words: str, depth: int) -> tuple[str, list[str]]:
    found = [type_of(bundle, one, depth + 1) for one in branches]
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    links = list(dict.fromkeys(link for _, links in found for link in links))
    return (kinds[0] if len(kinds) == 1 else f"{words} {', '.join(kinds)}"), links


def _is_component(schema: Json) -> bool:
    """Whether a schema is a reference to a whole component: a property of one has no place of its own to link to."""
    reference = str(schema.get("$ref", ""))
    return reference.startswith("#/components/schemas/") and reference.count("/") == WHOLE_COMPONENT


def _target(bundle: Json, schema: Json) -> Json:
    """What of a component is told where it is referred to."""
    found = lookup(bundle, schema["$ref"])
    told = ("description", "deprecated", "readOnly", "writeOnly")
    return {key: found[key] for key in told if key in found} if isinstance(found, dict) else {}


def _implied(schema: Json) -> list[str]:
    """The type that keywords speak of where none is written."""
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else []


def _notes(schema: Json) -> Iterator[str]:
    for keyword, note in (("readOnly", "read only"), ("writeOnly", "write only"), ("deprecated", "deprecated")):
        if schema.get(keyword) is True:
            yield note


def _counted(words: str, limit: Any) -> str:
    """A limit in words, with its noun in the plural unless it is one."""
    start, _, noun = words.rpartition(" ")
    return f"{start} {PLURALS[noun]}".format(limit) if noun in PLURALS and limit != 1 else words.format(limit)


def _limits(schema: Json) -> Iterator[str]:
    for keyword, words in LIMITS.items():
        if keyword in schema and not isinstance(schema[keyword], bool):
            yield _counted(words, schema[keyword])
    if schema.get("uniqueItems") is True:
        yield "no duplicates"
    if "default" in schema:
        yield f"default {_shown(schema['default'])}"
    if schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False:
        yield "no additional properties"


def _below(bundle: Json, schema: Json, depth: int) -> Iterator[Row]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield row(bundle, one, name, is_required=name in required, depth=depth)
    other = schema.get("additionalProperties")
    if isinstance(other, dict) and other:
        yield row(bundle, other, "any other name", depth=depth)
    items = schema.get("items")
    if isinstance(items, dict) and not _is_component(items):
        yield from _below(bundle, items, depth)
    for keyword in ("allOf", *BRANCHES):
        for number, branch in enumerate(schema.get(keyword, ()), 1):
            if isinstance(branch, dict) and not _is_component(branch) and branch.get("type") != "null":
                label = "" if keyword == "allOf" else f"{BRANCHES[keyword]}: {branch.get('title', number)}"
                yield row(bundle, branch, label, depth=depth)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
