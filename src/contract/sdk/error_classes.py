"""The error classes of a client: one for each documented status, and one for each error code if bodies have codes."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from contract.example_values import merge
from contract.names import camel, unique
from contract.openapi.operations import Operation, Response
from contract.openapi.problem_shape import problem_shape
from contract.openapi.references import Json, resolve
from contract.runtime.media import is_json

CODE_PATHS = (("code",), ("error", "code"), ("error_code",), ("errorCode",), ("error", "type"), ("type",), ("error",), ("reason",))
ROLES = ("detail", "request_id", "retry_after", "errors", "field_errors", "form_errors")
LAYER_CLASSES = (
    *("ApiError", "SdkError", "ConnectionFailedError", "UnexpectedResponseError", "WebhookVerificationError", "ErrorTable"),
    *("InvalidArgumentError", "TimedOutError", "TokenRefusedError", "UnexpectedStatusError", "UnknownEventError"),
)


@dataclass(frozen=True, slots=True)
class StatusClass:
    """The class of a documented status, such as `404`, `4XX` or `default`."""

    name: str
    status: str


@dataclass(frozen=True, slots=True)
class CodeClass:
    """The class of an error code; `statuses` are the statuses that have it."""

    name: str
    code: str
    statuses: tuple[StatusClass, ...]


@dataclass(frozen=True, slots=True)
class ErrorClasses:
    """All classes, ordered by status; codes are in document order. `code_paths` are the paths of codes in bodies.

    `role_paths` are the paths of other members of bodies, by role, if the document declares them (`x-problem`).
    """

    statuses: tuple[StatusClass, ...]
    codes: tuple[CodeClass, ...]
    code_paths: tuple[tuple[str, ...], ...]
    role_paths: Mapping[str, tuple[str, ...]]


def error_classes(bundle: Json, operations: Iterable[Operation]) -> ErrorClasses:
    """The errors of all operations, and of requests that match no operation (`x-unmatched`)."""
    shape = problem_shape(bundle)
    code_paths = (shape.members["code"],) if shape.is_declared and "code" in shape.members else CODE_PATHS
    responses = _error_responses(bundle, operations)
    statuses = sorted({status for status, _ in responses})
    names = unique((_status_name(status) for status in statuses), LAYER_CLASSES)
    classes = {status: StatusClass(name, status) for status, name in zip(statuses, names, strict=True)}
    by_code: dict[str, list[str]] = {}
    paths: dict[tuple[str, ...], None] = {}
    for status, schema in responses:
        path, codes = _codes(bundle, schema, code_paths)
        paths |= dict.fromkeys([path] if codes else [])
        for code in codes:
            by_code.setdefault(code, []).append(status)
    # A code with the name of its status, such as not_found, has the class of the status.
    distinct_codes = [code for code in by_code if _class_name(code) not in {classes[status].name for status in by_code[code]}]
    code_names = unique((_class_name(code) for code in distinct_codes), [*LAYER_CLASSES, *names])
    code_classes = (
        CodeClass(name, code, tuple(classes[status] for status in dict.fromkeys(by_code[code])))
        for name, code in zip(code_names, distinct_codes, strict=True)
    )
    role_paths = {role: keys for role, keys in shape.members.items() if role in ROLES} if shape.is_declared else {}
    return ErrorClasses(tuple(classes.values()), tuple(code_classes), tuple(paths), role_paths)


def response_codes(bundle: Json, response: Response, errors: ErrorClasses) -> list[CodeClass]:
    """The classes of the codes that the bodies of one response may have."""
    schema = _schema(response)
    codes = {code for path in errors.code_paths for code in _code_values(_schema_at(bundle, schema, path))}
    return [item for item in errors.codes if item.code in codes]


def _error_responses(bundle: Json, operations: Iterable[Operation]) -> list[tuple[str, Json]]:
    """(status, schema of the body) of each distinct response."""
    distinct: dict[tuple[str, str], tuple[str, Json]] = {}
    unmatched = {str(status): resolve(bundle, node, "") for status, node in bundle.get("x-unmatched", {}).items()}
    for operation in operations:
        for status, response in operation.responses.items():
            if not status.startswith("2"):
                distinct.setdefault((status, response.pointer), (status.upper() if status != "default" else status, _schema(response)))
    for status, (node, pointer) in unmatched.items():
        media = {name: media.get("schema", {}) for name, media in node.get("content", {}).items()}
        distinct.setdefault((status, pointer), (status, _schema(Response(status, media, {}, node, pointer, None))))
    return sorted(distinct.values(), key=lambda pair: pair[0])


def _schema(response: Response) -> Json:
    return next((schema for name, schema in response.media.items() if is_json(name.partition(";")[0])), {})


def _codes(bundle: Json, schema: Json, paths: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], list[str]]:
    """The closed list of codes that a body may have, and its path; empty if the document lists none."""
    for path in paths:
        codes = list(_code_values(_schema_at(bundle, schema, path)))
        if codes:
            return path, codes
    return (), []


def _schema_at(bundle: Json, schema: Json, path: tuple[str, ...]) -> Json:
    for key in path:
        schema = merge(bundle, schema).get("properties", {}).get(key, {})
    return merge(bundle, schema)


def _code_values(schema: Json) -> Iterator[str]:
    values: list[Any] = [schema["const"]] if "const" in schema else schema.get("enum", [])
    yield from (value for value in values if isinstance(value, str) and value)


def _status_name(status: str) -> str:
    if status == "default":
        return "DefaultError"
    if status.endswith("XX"):
        return {"4XX": "ClientError", "5XX": "ServerError"}.get(status, f"Status{status}Error")
    try:
        return _class_name(HTTPStatus(int(status)).phrase.replace("'", ""))
    except ValueError:
        return f"Status{status}Error"


def _class_name(text: str) -> str:
    """A class name for an error that does not hide a built-in."""
    name = camel(text) if camel(text).endswith("Error") else f"{camel(text)}Error"
    return f"Api{name}" if hasattr(builtins, name) else name
