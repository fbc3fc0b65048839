"""Rules for responses: documented statuses, error bodies and headers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contract.errors import ContractError
from contract.lint.changes import Insert
from contract.lint.lint_context import LintContext, Schema
from contract.lint.registry import RuleViolation, rule
from contract.lint.settings import Statuses
from contract.openapi.operations import Operation, Response
from contract.openapi.problem_shape import EXTENSION, declared
from contract.openapi.references import Json, escape, unescape
from contract.openapi.shape import walk


@rule
def statuses_are_documented(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """An operation documents every status that operations of its kind can return.

    The kinds and their statuses are `statuses` in lint.yaml: every 500; secured 401; keyed 403 and 429 (any security but a session
    cookie); parameters 400; path_parameter 404; body 400, 413 and 415; create none; idempotent 409. A range such as 4XX counts.
    """
    documented = set(operation.responses)
    required = {str(status) for status in _required_statuses(operation, context)}
    missing = sorted(status for status in required if status not in documented and f"{status[0]}XX" not in documented)
    if missing:
        pointer = f"{operation.pointer}/responses"
        yield RuleViolation(pointer, f"{operation.id} lacks {', '.join(missing)}", tuple(Insert(pointer, status) for status in missing))


def _required_statuses(operation: Operation, context: LintContext) -> list[int]:
    statuses: Statuses = context.settings.statuses
    header = context.settings.idempotency_header.lower()
    kinds = {
        "every": True,
        "secured": any(operation.security),
        "keyed": context.is_keyed(operation),
        "parameters": bool(operation.parameters),
        "path_parameter": any(parameter.location == "path" for parameter in operation.parameters),
        "body": operation.body is not None,
        "create": operation.id.startswith("create_"),
        "idempotent": any(parameter.name.lower() == header for parameter in operation.parameters),
    }
    return [status for kind, applies in kinds.items() if applies for status in getattr(statuses, kind)]


@rule
def success_is_documented(operation: Operation) -> Iterator[RuleViolation]:
    """An operation documents a success."""
    if not any(status[0] in "123" for status in operation.responses):
        yield RuleViolation(f"{operation.pointer}/responses", operation.id)


@rule
def no_default_response(operation: Operation) -> Iterator[RuleViolation]:
    """Statuses are listed; there is no default response.

    A default response documents every status, so that no tool can report an undocumented one.
    """
    if "default" in operation.responses:
        yield RuleViolation(f"{operation.pointer}/responses/default", operation.id)


@rule
def error_has_the_error_schema(context: LintContext) -> Iterator[RuleViolation]:
    """The body of an error is the error schema.

    It is the schema with `x-problem`, or the one that `error_schema` in lint.yaml names; without either the rule is off. An `allOf`
    with the schema counts.
    """
    name = context.settings.error_schema or context.problem_shape.schema
    for response in context.errors() if name else ():
        if not any(_includes(schema, f"#/components/schemas/{name}") for schema in response.media.values()):
            yield RuleViolation(response.pointer, f"{response.status} is not a {name}")


@rule
def problem_shape_names_properties(schema: Schema, context: LintContext) -> Iterator[RuleViolation]:
    """Each role in x-problem is known and names a property of the error schema by a JSON pointer.

    `x-problem: {detail: /message, code: /code, field_errors: /details/fields}` tells the runtime, the mock and the SDKs what errors look
    like. The roles: detail, title, status, code, request_id, retry_after, errors, field_errors, form_errors. `codes` renames codes.
    """
    roles = schema.value.get(EXTENSION)
    if roles is None:
        return
    pointer = f"{schema.pointer}/{EXTENSION}"
    try:
        shape = declared(unescape(schema.pointer.rpartition("/")[2]), schema.value)
    except ContractError as error:
        yield RuleViolation(pointer, str(error).removeprefix(f"#{pointer}").lstrip(": "))
        return
    for role, keys in shape.members.items():
        if not _has_property(schema.value, keys, context):
            yield RuleViolation(f"{pointer}/{role}", f"{role} at {roles[role]}")


def _has_property(schema: Json, keys: Sequence[str], context: LintContext) -> bool:
    for key in keys:
        properties = context.resolve(schema).get("properties", {})
        if key not in properties:
            return False
        schema = properties[key]
    return True


def _includes(schema: Json, reference: str) -> bool:
    return schema.get("$ref") == reference or any(_includes(branch, reference) for branch in schema.get("allOf", ()))


@rule
def error_codes_are_used(context: LintContext) -> Iterator[RuleViolation]:
    """Every error code is used by an error response, and every code of an error response is in the enum.

    lint.yaml: `error_codes` is the schema of the enum, without which the rule is off, and `code_property` the property, by default the one
    that `x-problem` names, or `code`. A response uses a code by `const` or `enum` of the property, or by an example.
    """
    name = context.settings.error_codes
    pointer = f"/components/schemas/{escape(name)}"
    declared: list[Any] = context.find(pointer).get("enum", [])
    used = dict(_used_codes(context)) if name else {}
    for index, code in enumerate(declared if name else ()):
        if code not in used:
            yield RuleViolation(f"{pointer}/enum/{index}", f"{code} is not used")
    for code, use in used.items():
        if code not in declared:
            yield RuleViolation(use, f"{code} is not in {name}")


def _used_codes(context: LintContext) -> Iterator[tuple[Any, str]]:
    code_property = context.settings.code_property or context.problem_shape.members.get("code", ("code",))[0]
    for node in context.nodes_of("response"):
        for part in walk(node.value, "response", node.pointer):
            if part.kind == "schema" and isinstance(part.value, dict) and code_property in part.value.get("properties", {}):
                yield from _listed_values(
                    Schema(part.value["properties"][code_property], f"{part.pointer}/properties/{escape(code_property)}")
                )
    responses = tuple(f"{response.pointer}/" for response in context.errors())
    for example in context.examples:
        if isinstance(example.value, dict) and code_property in example.value and example.pointer.startswith(responses):
            yield example.value[code_property], f"{example.pointer}/{escape(code_property)}"


def _listed_values(schema: Schema) -> Iterator[tuple[Any, str]]:
    if "const" in schema.value:
        yield schema.value["const"], f"{schema.pointer}/const"
    for index, value in enumerate(schema.value.get("enum", ())):
        yield value, f"{schema.pointer}/enum/{index}"


@rule
def rate_limit_headers_are_documented(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """Responses to API keys carry the rate limit headers: every success and 429.

    lint.yaml: `rate_limit_headers` lists the headers. They are references to shared headers, not copies.
    """
    if not context.is_keyed(operation):
        return
    for response in operation.responses.values():
        if response.status[0] == "2" or response.status == "429":
            yield from _without_headers(response, context.settings.rate_limit_headers)


@rule
def retry_after_is_documented(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """A response that asks the client to retry later says when: 429 and 503 have Retry-After.

    lint.yaml: `retry_after` lists the statuses.
    """
    for response in operation.responses.values():
        if response.status in map(str, context.settings.retry_after):
            yield from _without_headers(response, ["Retry-After"])


def _without_headers(response: Response, names: Sequence[str]) -> Iterator[RuleViolation]:
    shared = {name.lower() for name, header in response.headers.items() if "$ref" in header}
    documented = {name.lower() for name in response.headers}
    missing = [name for name in names if name.lower() not in documented]
    copied = [name for name in names if name.lower() in documented - shared]
    if missing:
        yield RuleViolation(response.pointer, f"{response.status} lacks {', '.join(missing)}")
    if copied:
        yield RuleViolation(f"{response.pointer}/headers", f"{', '.join(copied)} is not a reference")
