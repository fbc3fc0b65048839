"""Schemas as table rows: a name, a type as text, its constraints, and the rows below it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.operations import component_name
from contract.openapi.references import Json, lookup

WHOLE_COMPONENT = 3  # slashes in a reference to a component
MAX_DEPTH = 12  # levels of inline objects
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
class SchemaRow:
    """A schema, or a property of one. `links` are the component schemas that its type refers to."""

    name: str = ""
    type: str = "any"
    links: list[str] = field(default_factory=list)
    is_required: bool = False
    notes: list[str] = field(default_factory=list)
    description: str = ""
    limits: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    rows: list[SchemaRow] = field(default_factory=list)


def row(bundle: Json, schema: Any, name: str = "", *, is_required: bool = False, depth: int = 0) -> SchemaRow:
    """The row of a schema. A reference is a link to its component, without the component's contents."""
    schema_row = SchemaRow(name=name, is_required=is_required)
    if not isinstance(schema, dict):
        schema_row.type = "any" if schema is not False else "never"
        return schema_row
    reference = component_name(schema) if _is_component(schema) else None
    schema_row.type, schema_row.links = type_of(bundle, schema)
    merged = {**(_target(bundle, schema) if reference else {}), **{key: value for key, value in schema.items() if key != "$ref"}}
    schema_row.description = str(merged.get("description", ""))
    schema_row.notes = list(_notes(merged))
    if reference is None:
        schema_row.limits = list(_limits(schema))
        schema_row.values = [_text(value) for value in schema.get("enum", [schema["const"]] if "const" in schema else ())]
        if depth < MAX_DEPTH:
            schema_row.rows = list(_nested_rows(bundle, schema, depth + 1))
    return schema_row


def type_of(bundle: Json, schema: Any, depth: int = 0) -> tuple[str, list[str]]:
    """(the type as text, the components in the text)."""
    schema = _follow(bundle, schema)
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return "any", []
    if _is_component(schema):
        name = component_name(schema) or ""
        return name, [name]
    for keyword, phrase in BRANCHES.items():
        if keyword in schema:
            return _joined(bundle, schema[keyword], phrase, depth)
    if "allOf" in schema:
        return _joined(bundle, schema["allOf"], "all of", depth)
    declared = schema.get("type", _implied(schema))
    names = [declared] if isinstance(declared, str) else list(declared)
    if "array" in names and "items" in schema:
        item_type, links = type_of(bundle, schema["items"], depth + 1)
        return " or ".join(f"array of {item_type}" if type_name == "array" else type_name for type_name in names), links
    type_text = " or ".join(names) or "any"
    return (f"{type_text} ({schema['format']})" if "format" in schema else type_text), []


def _follow(bundle: Json, schema: Any) -> Any:
    """The target of a reference to something other than a whole component. Circles end."""
    for _ in range(MAX_DEPTH):
        if not isinstance(schema, dict) or _is_component(schema) or not str(schema.get("$ref", "")).startswith("#/"):
            break
        schema = lookup(bundle, schema["$ref"])
    return schema


def _joined(bundle: Json, branches: list[Any], phrase: str, depth: int) -> tuple[str, list[str]]:
    branch_types = [type_of(bundle, branch, depth + 1) for branch in branches]
    type_texts = list(dict.fromkeys(text for text, _ in branch_types))
    links = list(dict.fromkeys(link for _, links in branch_types for link in links))
    return (type_texts[0] if len(type_texts) == 1 else f"{phrase} {', '.join(type_texts)}"), links


def _is_component(schema: Json) -> bool:
    """Whether a schema is a reference to a whole component: a property of one has no anchor."""
    reference = str(schema.get("$ref", ""))
    return reference.startswith("#/components/schemas/") and reference.count("/") == WHOLE_COMPONENT


def _target(bundle: Json, schema: Json) -> Json:
    """The parts of a component that are shown where it is referred to."""
    component = lookup(bundle, schema["$ref"])
    shown_keywords = ("description", "deprecated", "readOnly", "writeOnly")
    return {key: component[key] for key in shown_keywords if key in component} if isinstance(component, dict) else {}


def _implied(schema: Json) -> list[str]:
    """The type that keywords imply if there is no `type`."""
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else []


def _notes(schema: Json) -> Iterator[str]:
    for keyword, note in (("readOnly", "read only"), ("writeOnly", "write only"), ("deprecated", "deprecated")):
        if schema.get(keyword) is True:
            yield note


def _limits(schema: Json) -> Iterator[str]:
    for keyword, phrase in LIMITS.items():
        if keyword in schema and not isinstance(schema[keyword], bool):
            yield _limit(phrase, schema[keyword])
    if schema.get("uniqueItems") is True:
        yield "no duplicates"
    if "default" in schema:
        yield f"default {_text(schema['default'])}"
    if schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False:
        yield "no additional properties"


def _limit(phrase: str, value: Any) -> str:
    """A limit as text: `at most 2 items`, `at least 1 character`."""
    start, _, noun = phrase.rpartition(" ")
    return f"{start} {PLURALS[noun]}".format(value) if noun in PLURALS and value != 1 else phrase.format(value)


def _nested_rows(bundle: Json, schema: Json, depth: int) -> Iterator[SchemaRow]:
    required = schema.get("required", ())
    for name, property_schema in schema.get("properties", {}).items():
        yield row(bundle, property_schema, name, is_required=name in required, depth=depth)
    value_schema = schema.get("additionalProperties")
    if isinstance(value_schema, dict) and value_schema:
        yield row(bundle, value_schema, "any other name", depth=depth)
    items = schema.get("items")
    if isinstance(items, dict) and not _is_component(items):
        yield from _nested_rows(bundle, items, depth)
    for keyword in ("allOf", *BRANCHES):
        for number, branch in enumerate(schema.get(keyword, ()), 1):
            if isinstance(branch, dict) and not _is_component(branch) and branch.get("type") != "null":
                label = "" if keyword == "allOf" else f"{BRANCHES[keyword]}: {branch.get('title', number)}"
                yield row(bundle, branch, label, depth=depth)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
