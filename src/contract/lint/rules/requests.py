"""Rules for requests: closed, bounded, paged, and idempotent by one shared header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract.lint.lint_context import LintContext, Schema
from contract.lint.registry import RuleViolation, rule
from contract.openapi import schemas
from contract.openapi.operations import Operation, Parameter
from contract.openapi.references import Json, escape

CLOSING = ("additionalProperties", "unevaluatedProperties")
BOUNDED_FORMATS = {"date", "date-time", "time", "uuid", "ipv4", "ipv6", "binary"}
BOUNDS = {"string": "maxLength", "array": "maxItems", "integer": "maximum"}
UNBOUNDED_PATTERN = re.compile(r"(?<!\\)[*+]|{\d+,}")


@rule
def get_has_no_body(operation: Operation) -> Iterator[RuleViolation]:
    """GET and HEAD have no request body."""
    if operation.method in {"get", "head"} and operation.body:
        yield RuleViolation(f"{operation.pointer}/requestBody", operation.id)


@rule
def request_object_is_closed(context: LintContext) -> Iterator[RuleViolation]:
    """An object in a request states whether it allows other properties.

    Write `additionalProperties` (or `unevaluatedProperties` beside an `allOf`). The members of an `allOf` stay open; the whole is closed.
    """
    members = _members_of_all(context)
    for schema in context.request_schemas.values():
        is_open = not any(key in schema.value for key in CLOSING)
        if is_open and _has_properties(schema.value, context) and not schema.is_refinement and schema.pointer not in members:
            yield RuleViolation(schema.pointer, schema.pointer.rsplit("/", 1)[1])


def _members_of_all(context: LintContext) -> set[str]:
    pointers: set[str] = set()
    for schema in context.request_schemas.values():
        for index, branch in enumerate(schema.value.get("allOf", ())):
            pointers.add(f"{schema.pointer}/allOf/{index}")
            if isinstance(branch, dict) and "$ref" in branch:
                pointers.add(branch["$ref"].removeprefix("#"))
    return pointers


def _has_properties(schema: Json, context: LintContext) -> bool:
    """Whether the schema, or a member of its `allOf`, has properties. The targets of references are checked separately."""
    members = [context.resolve(branch) for branch in schema.get("allOf", ()) if isinstance(branch, dict)]
    return "$ref" not in schema and any("properties" in member for member in (schema, *members))


@rule
def request_value_is_bounded(context: LintContext) -> Iterator[RuleViolation]:
    """A string, list or integer in a request has an upper bound: maxLength, maxItems or maximum.

    `enum`, `const`, a format of fixed length and a pattern of bounded length also count. A bound beside a `$ref` applies to its target.
    """
    parameters = [f"{node.pointer}/schema" for node in context.nodes_of("parameter") if "schema" in node.value]
    for schema in context.reach([*context.body_pointers, *parameters], lambda node: not _bounds_its_target(node, context)):
        for name in schema.types:
            if name in BOUNDS and not _is_bounded(schema.value, name):
                yield RuleViolation(schema.pointer, f"{schema.pointer.rsplit('/', 1)[1]} has no {BOUNDS[name]}")


def _bounds_its_target(node: Json, context: LintContext) -> bool:
    """Whether a reference to a string or an integer has the bound beside it."""
    merged = Schema({**context.resolve(node), **node}, "")
    return set(merged.types) in ({"string"}, {"integer"}) and _is_bounded(merged.value, merged.types[0])


def _is_bounded(value: Json, name: str) -> bool:
    if any(key in value for key in ("enum", "const", BOUNDS[name])):
        return True
    if name == "integer":
        return "exclusiveMaximum" in value or value.get("format") == "int32"
    return name == "string" and (value.get("format") in BOUNDED_FORMATS or _is_bounded_pattern(value.get("pattern", "")))


def _is_bounded_pattern(pattern: str) -> bool:
    return pattern.startswith("^") and pattern.endswith("$") and not UNBOUNDED_PATTERN.search(pattern)


@rule
def required_text_is_not_empty(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """A required body of text is at least one character long: `minLength`.

    An empty body is an absent one, which the server refuses.
    """
    if operation.body is None or not operation.body.required:
        return
    for name in operation.body.media:
        written = context.find(f"{operation.body.pointer}/content/{escape(name)}/schema")
        schema = context.resolve(written) if isinstance(written, dict) else {}
        if name.startswith("text/") and schema.get("type") == "string" and not {"minLength", "enum", "const"} & schema.keys():
            yield RuleViolation(f"{operation.body.pointer}/content/{escape(name)}/schema", name)


@rule
def list_is_paged(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """A list_ operation is paged by shared parameters.

    lint.yaml: `pagination` lists the sets of parameter names that page. The parameters are references to components, not copies.
    """
    if not (operation.id.startswith("list_") and operation.method == "get"):
        return
    shared = {parameter.name for parameter in operation.parameters if parameter.pointer.startswith("/components/parameters/")}
    if not any(set(names) <= shared for names in context.settings.pagination):
        yield RuleViolation(operation.pointer, operation.id)


@rule
def idempotency_is_shared(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """The idempotency header is one shared parameter.

    lint.yaml: `idempotency_header` is its name.
    """
    for parameter in operation.parameters:
        is_key = parameter.name.lower() == context.settings.idempotency_header.lower()
        if is_key and not parameter.pointer.startswith("/components/parameters/"):
            yield RuleViolation(parameter.pointer, operation.id)


@rule
def style_is_defined_for_the_type(context: LintContext) -> Iterator[RuleViolation]:
    """A parameter's style is defined for the type of its values (OpenAPI 3.1.1, section 4.8.12.2.4).

    docs/serialization.md says how the clients and the runtime write and read the others; other tools may differ. `content` with
    application/json is defined for every value.
    """
    parameters = {parameter.pointer: parameter for operation in context.operations for parameter in operation.parameters}
    for parameter in parameters.values():
        if parameter.media_type is None and (reason := _undefined_style(context.bundle, parameter)):
            yield RuleViolation(parameter.pointer, f"{parameter.name}: {reason}")


def _undefined_style(bundle: Json, parameter: Parameter) -> str | None:
    """The reason why the values have no defined form."""
    types = schemas.types_of(bundle, parameter.schema) - {"null"}
    if not types:
        return None
    is_delimited = parameter.style in {"spaceDelimited", "pipeDelimited"}
    if parameter.style == "deepObject":
        return None if types == {"object"} and parameter.explode else "deepObject is for exploded objects"
    if is_delimited and not types <= {"array", "object"}:
        return f"{parameter.style} is for arrays and objects"
    if parameter.explode and types & {"array", "object"} and (is_delimited or parameter.location == "cookie"):
        return f"{parameter.style} {'in cookies' if parameter.location == 'cookie' else 'with explode'} is not defined"
    members = [schemas.items_of(bundle, parameter.schema), *schemas.properties_of(bundle, parameter.schema).values()]
    nested = any(schemas.types_of(bundle, member) & {"array", "object"} for member in members if member != {})
    return "arrays and objects inside others are not defined" if nested else None


@rule
def alias_names_a_property(schema: Schema) -> Iterator[RuleViolation]:
    """An alias (x-alias-of) is deprecated and names another property of its object."""
    properties: dict[str, Any] = schema.value.get("properties", {})
    for name, property_schema in properties.items():
        target = property_schema.get("x-alias-of") if isinstance(property_schema, dict) else None
        if target is not None and (target not in properties or target == name or not property_schema.get("deprecated")):
            yield RuleViolation(f"{schema.pointer}/properties/{escape(name)}", f"{name} for {target}")


@rule
def messages_are_for_keywords(schema: Schema) -> Iterator[RuleViolation]:
    """A message in x-messages belongs to a keyword of the same schema."""
    messages = schema.value.get("x-messages", {})
    for keyword in messages if isinstance(messages, dict) else ():
        if keyword not in schema.value:
            yield RuleViolation(f"{schema.pointer}/x-messages/{escape(keyword)}", keyword)
