"""Responses: which statuses are documented, and what errors and their headers look like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contract.errors import ContractError
from contract.lint.changes import Insert
from contract.lint.lint_context import Contract, Schema
from contract.lint.registry import Spot, rule
from contract.lint.settings import Statuses
from contract.openapi.operations import Json, Operation, Response, escape, unescape
from contract.openapi.problem_shape import EXTENSION, declared
from contract.openapi.shape import walk


@rule
def statuses_are_documented(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """An operation documents every status that operations of its kind can answer.

    The kinds and their statuses are `statuses` in lint.yaml: every 500; secured 401; keyed 403 and 429 (any security but a session
    cookie); parameters 400; path_parameter 404; body 400, 413 and 415; create none; idempotent 409. A range such as 4XX counts.
    """
    documented = set(operation.responses)
    wanted = {str(status) for status in _wanted(operation, contract)}
    missing = sorted(status for status in wanted if status not in documented and f"{status[0]}XX" not in documented)
    if missing:
        where = f"{operation.pointer}/responses"
        yield Spot(where, f"{operation.id} lacks {', '.join(missing)}", tuple(Insert(where, status) for status in missing))


def _wanted(operation: Operation, contract: Contract) -> list[int]:
    statuses: Statuses = contract.settings.statuses
    header = contract.settings.idempotency_header.lower()
    kinds = {
        "every": True,
        "secured": any(operation.security),
        "keyed": contract.is_keyed(operation),
        "parameters": bool(operation.parameters),
        "path_parameter": any(parameter.location == "path" for parameter in operation.parameters),
        "body": operation.body is not None,
        "create": operation.id.startswith("create_"),
        "idempotent": any(parameter.name.lower() == header for parameter in operation.parameters),
    }
    return [status for kind, holds in kinds.items() if holds for status in getattr(statuses, kind)]


@rule
def success_is_documented(operation: Operation) -> Iterator[Spot]:
    """An operation documents a success."""
    if not any(status[0] in "123" for status in operation.responses):
        yield Spot(f"{operation.pointer}/responses", operation.id)


@rule
def no_default_response(operation: Operation) -> Iterator[Spot]:
    """Statuses are listed; there is no default response.

    A default blinds every tool that checks statuses: whatever the server answers is documented.
    """
    if "default" in operation.responses:
        yield Spot(f"{operation.pointer}/responses/default", operation.id)


@rule
def error_has_the_error_schema(contract: Contract) -> Iterator[Spot]:
    """The body of an error is the error schema.

    It is the schema with `x-problem`, or the one that `error_schema` in lint.yaml names; without either nothing is asked. An `allOf`
    with it counts.
    """
    name = contract.settings.error_schema or contract.problem_shape.schema
    for response in contract.errors() if name else ():
        if not any(_includes(schema, f"#/components/schemas/{name}") for schema in response.media.values()):
            yield Spot(response.pointer, f"{response.status} is no {name}")


@rule
def problem_shape_names_properties(schema: Schema, contract: Contract) -> Iterator[Spot]:
    """Each role in x-problem is known and names a property of the error schema by a JSON pointer.

    `x-problem: {detail: /message, code: /code, field_errors: /details/fields}` tells the runtime, the mock and the SDKs what errors look
    like. The roles: detail, title, status, code, request_id, retry_after, errors, field_errors, form_errors. `codes` renames codes.
    """
    written = schema.value.get(EXTENSION)
    if written is None:
        return
    where = f"{schema.pointer}/{EXTENSION}"
    try:
        shape = declared(unescape(schema.pointer.rpartition("/")[2]), schema.value)
    except ContractError as error:
        yield Spot(where, str(error).removeprefix(f"#{where}").lstrip(": "))
        return
    for role, keys in shape.members.items():
        if not _has_property(schema.value, keys, contract):
            yield Spot(f"{where}/{role}", f"{role} at {written[role]}")


def _has_property(schema: Json, keys: Sequence[str], contract: Contract) -> bool:
    for key in keys:
        properties = contract.resolve(schema).get("properties", {})
        if key not in properties:
            return False
        schema = properties[key]
    return True


def _includes(schema: Json, reference: str) -> bool:
    return schema.get("$ref") == reference or any(_includes(branch, reference) for branch in schema.get("allOf", ()))


@rule
def error_codes_are_used(contract: Contract) -> Iterator[Spot]:
    """Every error code is one that some error response names, and every one named is in the enum.

    lint.yaml: `error_codes` is the enum's schema, without which nothing is asked, and `code_property` the property, which is otherwise
    the one that `x-problem` names, or `code`. A response names a code by `const` or `enum` of the property, or by an example.
    """
    name = contract.settings.error_codes
    pointer = f"/components/schemas/{escape(name)}"
    declared: list[Any] = contract.find(pointer).get("enum", [])
    named = dict(_named_codes(contract)) if name else {}
    for index, code in enumerate(declared if name else ()):
        if code not in named:
            yield Spot(f"{pointer}/enum/{index}", f"{code} is not used")
    for code, where in named.items():
        if code not in declared:
            yield Spot(where, f"{code} is not in {name}")


def _named_codes(contract: Contract) -> Iterator[tuple[Any, str]]:
    prop = contract.settings.code_property or contract.problem_shape.members.get("code", ("code",))[0]
    for node in contract.of("response"):
        for part in walk(node.value, "response", node.pointer):
            if part.kind == "schema" and isinstance(part.value, dict) and prop in part.value.get("properties", {}):
                yield from _listed(Schema(part.value["properties"][prop], f"{part.pointer}/properties/{escape(prop)}"))
    responses = tuple(f"{response.pointer}/" for response in contract.errors())
    for example in contract.examples:
        if isinstance(example.value, dict) and prop in example.value and example.pointer.startswith(responses):
            yield example.value[prop], f"{example.pointer}/{escape(prop)}"


def _listed(schema: Schema) -> Iterator[tuple[Any, str]]:
    if "const" in schema.value:
        yield schema.value["const"], f"{schema.pointer}/const"
    for index, value in enumerate(schema.value.get("enum", ())):
        yield value, f"{schema.pointer}/enum/{index}"


@rule
def rate_limit_headers_are_documented(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """What a key is answered tells its rate limit: the headers are on every success and on 429.

    lint.yaml: `rate_limit_headers` names them. They are references to shared headers, not retyped.
    """
    if not contract.is_keyed(operation):
        return
    for response in operation.responses.values():
        if response.status[0] == "2" or response.status == "429":
            yield from _without_headers(response, contract.settings.rate_limit_headers)


@rule
def retry_after_is_documented(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """An answer that says "later" says when: 429 and 503 have Retry-After.

    lint.yaml: `retry_after` lists the statuses.
    """
    for response in operation.responses.values():
        if response.status in map(str, contract.settings.retry_after):
            yield from _without_headers(response, ["Retry-After"])


def _without_headers(response: Response, names: Sequence[str]) -> Iterator[Spot]:
    shared = {name.lower() for name, header in response.headers.items() if "$ref" in header}
    written = {name.lower() for name in response.headers}
    missing = [name for name in names if name.lower() not in written]
    retyped = [name for name in names if name.lower() in written - shared]
    if missing:
        yield Spot(response.pointer, f"{response.status} lacks {', '.join(missing)}")
    if retyped:
        yield Spot(f"{response.pointer}/headers", f"{', '.join(retyped)} is written anew")
