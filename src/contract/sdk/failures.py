"""The documented errors of a document: one class for each status, and one for each error code where bodies name their code."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from contract.examples import merge
from contract.names import camel, unique
from contract.openapi.operations import Json, Operation, Response, resolve
from contract.runtime.media import is_json

CODE_PATHS = (("code",), ("error", "code"), ("error_code",), ("errorCode",), ("error", "type"), ("type",), ("error",), ("reason",))
OF_THE_LAYER = ("ApiError", "SdkError", "ConnectionFailedError", "UnexpectedAnswerError", "WebhookVerificationError", "ErrorTable")


@dataclass(frozen=True, slots=True)
class StatusClass:
    """The class of a documented status, such as `404`, `4XX` or `default`."""

    name: str
    status: str


@dataclass(frozen=True, slots=True)
class CodeClass:
    """The class of an error code; `statuses` are those it comes with."""

    name: str
    code: str
    statuses: tuple[StatusClass, ...]


@dataclass(frozen=True, slots=True)
class Failures:
    """All of them, in the order of statuses, codes in the document's order. `code_paths` is where bodies keep their code."""

    statuses: tuple[StatusClass, ...]
    codes: tuple[CodeClass, ...]
    code_paths: tuple[tuple[str, ...], ...]


def failures(bundle: Json, operations: Iterable[Operation]) -> Failures:
    """Every answer that is not a success, of every operation and of requests that no operation takes (`x-unmatched`)."""
    responses = _failing(bundle, operations)
    statuses = sorted({status for status, _ in responses})
    names = unique((_status_name(status) for status in statuses), OF_THE_LAYER)
    classes = {status: StatusClass(name, status) for status, name in zip(statuses, names, strict=True)}
    by_code: dict[str, list[str]] = {}
    paths: dict[tuple[str, ...], None] = {}
    for status, schema in responses:
        path, codes = _codes(bundle, schema)
        paths |= dict.fromkeys([path] if codes else [])
        for code in codes:
            by_code.setdefault(code, []).append(status)
    # A code that says no more than its status, such as not_found, has the status's class.
    own = [code for code in by_code if _class_name(code) not in {classes[one].name for one in by_code[code]}]
    code_names = unique((_class_name(code) for code in own), [*OF_THE_LAYER, *names])
    found = (
        CodeClass(name, code, tuple(classes[one] for one in dict.fromkeys(by_code[code])))
        for name, code in zip(code_names, own, strict=True)
    )
    return Failures(tuple(classes.values()), tuple(found), tuple(paths))


def _failing(bundle: Json, operations: Iterable[Operation]) -> list[tuple[str, Json]]:
    """(status, schema of the body) of each different answer."""
    found: dict[tuple[str, str], tuple[str, Json]] = {}
    unmatched = {str(status): resolve(bundle, node, "") for status, node in bundle.get("x-unmatched", {}).items()}
    for one in operations:
        for status, response in one.responses.items():
            if not status.startswith("2"):
                found.setdefault((status, response.pointer), (status.upper() if status != "default" else status, _schema(response)))
    for status, (node, pointer) in unmatched.items():
        media = {name: media.get("schema", {}) for name, media in node.get("content", {}).items()}
        found.setdefault((status, pointer), (status, _schema(Response(status, media, {}, node, pointer, None))))
    return sorted(found.values(), key=lambda one: one[0])


def _schema(response: Response) -> Json:
    return next((schema for name, schema in response.media.items() if is_json(name.partition(";")[0])), {})


def _codes(bundle: Json, schema: Json) -> tuple[tuple[str, ...], list[str]]:
    """The closed list of codes a body may name, and where; none where the document does not list them."""
    for path in CODE_PATHS:
        codes = list(_words(_at(bundle, schema, path)))
        if codes:
            return path, codes
    return (), []


def _at(bundle: Json, schema: Json, path: tuple[str, ...]) -> Json:
    for key in path:
        schema = merge(bundle, schema).get("properties", {}).get(key, {})
    return merge(bundle, schema)


def _words(schema: Json) -> Iterator[str]:
    listed: list[Any] = [schema["const"]] if "const" in schema else schema.get("enum", [])
    yield from (one for one in listed if isinstance(one, str) and one)


def _status_name(status: str) -> str:
    if status == "default":
        return "UndocumentedStatusError"
    if status.endswith("XX"):
        return {"4XX": "ClientError", "5XX": "ServerError"}.get(status, f"Status{status}Error")
    try:
        return _class_name(HTTPStatus(int(status)).phrase.replace("'", ""))
    except ValueError:
        return f"Status{status}Error"


def _class_name(text: str) -> str:
    """A class for an error, which is no built-in one."""
    name = camel(text) if camel(text).endswith("Error") else f"{camel(text)}Error"
    return f"Api{name}" if hasattr(builtins, name) else name
