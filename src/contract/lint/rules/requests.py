"""Requests: closed, bounded, paged and repeated in one way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract.lint.lint_context import Contract, Schema
from contract.lint.registry import Spot, rule
from contract.openapi.operations import Json, Operation, escape

CLOSING = ("additionalProperties", "unevaluatedProperties")
BOUNDED_FORMATS = {"date", "date-time", "time", "uuid", "ipv4", "ipv6", "binary"}
BOUNDS = {"string": "maxLength", "array": "maxItems", "integer": "maximum"}
UNBOUNDED_PATTERN = re.compile(r"(?<!\\)[*+]|{\d+,}")


@rule
def get_has_no_body(operation: Operation) -> Iterator[Spot]:
    """GET and HEAD have no request body."""
    if operation.method in {"get", "head"} and operation.body:
        yield Spot(f"{operation.pointer}/requestBody", operation.id)


@rule
def request_object_is_closed(contract: Contract) -> Iterator[Spot]:
    """An object in a request says whether it takes other properties.

    Write `additionalProperties` (or `unevaluatedProperties` beside an `allOf`). The members of an `allOf` stay open, the whole is closed.
    """
    members = _members_of_all(contract)
    for schema in contract.request_schemas.values():
        is_open = not any(key in schema.value for key in CLOSING)
        if is_open and _has_properties(schema.value, contract) and not schema.is_refinement and schema.pointer not in members:
            yield Spot(schema.pointer, schema.pointer.rsplit("/", 1)[1])


def _members_of_all(contract: Contract) -> set[str]:
    found: set[str] = set()
    for schema in contract.request_schemas.values():
        for index, branch in enumerate(schema.value.get("allOf", ())):
            found.add(f"{schema.pointer}/allOf/{index}")
            if isinstance(branch, dict) and "$ref" in branch:
                found.add(branch["$ref"].removeprefix("#"))
    return found


def _has_properties(schema: Json, contract: Contract) -> bool:
    """Whether it, or a member of its `allOf`, names properties; what it refers to is looked at by itself."""
    members = [contract.resolve(branch) for branch in schema.get("allOf", ()) if isinstance(branch, dict)]
    return "$ref" not in schema and any("properties" in one for one in (schema, *members))


@rule
def request_value_is_bounded(contract: Contract) -> Iterator[Spot]:
    """A string, list or integer in a request has an upper bound: maxLength, maxItems or maximum.

    Also enough: `enum`, `const`, a format of one length, or a pattern that cannot grow. A bound beside a `$ref` bounds what it refers to.
    """
    parameters = [f"{node.pointer}/schema" for node in contract.of("parameter") if "schema" in node.value]
    for schema in contract.reach([*contract.body_pointers, *parameters], lambda node: not _bounds_its_target(node, contract)):
        for name in schema.types:
            if name in BOUNDS and not _is_bounded(schema.value, name):
                yield Spot(schema.pointer, f"{schema.pointer.rsplit('/', 1)[1]} has no {BOUNDS[name]}")


def _bounds_its_target(node: Json, contract: Contract) -> bool:
    """Whether a reference to text or a whole number has the bound beside it."""
    whole = Schema({**contract.resolve(node), **node}, "")
    return set(whole.types) in ({"string"}, {"integer"}) and _is_bounded(whole.value, whole.types[0])


def _is_bounded(value: Json, name: str) -> bool:
    if any(key in value for key in ("enum", "const", BOUNDS[name])):
        return True
    if name == "integer":
        return "exclusiveMaximum" in value or value.get("format") == "int32"
    return name == "string" and (value.get("format") in BOUNDED_FORMATS or _ends(value.get("pattern", "")))


def _ends(pattern: str) -> bool:
    return pattern.startswith("^") and pattern.endswith("$") and not UNBOUNDED_PATTERN.search(pattern)


@rule
def list_is_paged(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """A list_ operation is paged by shared parameters.

    lint.yaml: `pagination` lists the sets of parameter names that page. They are references to components, not retyped.
    """
    if not (operation.id.startswith("list_") and operation.method == "get"):
        return
    shared = {parameter.name for parameter in operation.parameters if parameter.pointer.startswith("/components/parameters/")}
    if not any(set(names) <= shared for names in contract.settings.pagination):
        yield Spot(operation.pointer, operation.id)


@rule
def idempotency_is_shared(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """The idempotency header is one shared parameter.

    lint.yaml: `idempotency_header` is its name.
    """
    for parameter in operation.parameters:
        is_key = parameter.name.lower() == contract.settings.idempotency_header.lower()
        if is_key and not parameter.pointer.startswith("/components/parameters/"):
            yield Spot(parameter.pointer, operation.id)


@rule
def alias_names_a_property(schema: Schema) -> Iterator[Spot]:
    """An alias (x-alias-of) is deprecated and names another property of its object."""
    properties: dict[str, Any] = schema.value.get("properties", {})
    for name, written in properties.items():
        target = written.get("x-alias-of") if isinstance(written, dict) else None
        if target is not None and (target not in properties or target == name or not written.get("deprecated")):
            yield Spot(f"{schema.pointer}/properties/{escape(name)}", f"{name} for {target}")


@rule
def messages_are_for_keywords(schema: Schema) -> Iterator[Spot]:
    """A sentence in x-messages belongs to a keyword that stands beside it."""
    messages = schema.value.get("x-messages", {})
    for keyword in messages if isinstance(messages, dict) else ():
        if keyword not in schema.value:
            yield Spot(f"{schema.pointer}/x-messages/{escape(keyword)}", keyword)
