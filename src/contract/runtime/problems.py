"""The exception of a failed request, and its body in the shape of errors that the document declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from contract.openapi.problem_shape import ProblemShape
from contract.openapi.references import Json, escape

MAX_NAME_LENGTH = 200
PHRASES = {status.value: status.phrase for status in HTTPStatus}
Part = str | int


class Violation(NamedTuple):
    """A violation of the schema by a request: a path of keys and indexes, from the body or from a parameter's name, and the sentence."""

    path: tuple[Part, ...]
    sentence: str
    is_parameter: bool = False


class Problem(Exception):  # noqa: N818 - the term of RFC 9457
    """A response other than a success. `extra` has further members of the body; the platform renders it."""

    def __init__(
        self,
        status: int,
        code: str,
        sentence: str,
        *,
        violations: Iterable[Violation] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.violations = list(violations)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.operation: str | None = None  # the operationId of the request, set by the runtime


def malformed(sentence: str) -> Problem:
    """A body that cannot be read: 400."""
    return Problem(400, "malformed_body", sentence)


def invalid(violations: Iterable[Violation]) -> Problem:
    """A request that breaks its schema: 400."""
    return Problem(400, "validation_failed", "Validation failed", violations=violations)


def as_json(problem: Problem, shape: ProblemShape, request_id: str) -> Json:
    """The body of an error of that shape."""
    values = _values(problem, shape, request_id)
    body = dict(shape.constants)
    for role, keys in shape.members.items():
        if role in values:
            _put(body, keys, values[role])
    return body | problem.extra if problem.extra else body


def _values(problem: Problem, shape: ProblemShape, request_id: str) -> Json:
    """The values of a problem by role."""
    values: Json = {
        "detail": problem.sentence,
        "title": title(problem.status),
        "status": problem.status,
        "code": shape.codes.get(problem.code, problem.code),
        "request_id": request_id,
    }
    if problem.violations and "errors" in shape.members:
        values["errors"] = [_as_object(violation) for violation in problem.violations]
    if problem.violations and not shape.members.keys().isdisjoint({"field_errors", "form_errors"}):
        values["field_errors"], values["form_errors"] = by_field(problem.violations)
    return values


def title(status: int) -> str:
    """The phrase of a status (RFC 9110, section 15)."""
    return PHRASES.get(status, f"Status {status}")


def _as_object(violation: Violation) -> Json:
    """RFC 9457, section 3: a pointer into the body (RFC 6901, section 6), or the name of a parameter."""
    path, sentence, is_parameter = violation
    if not is_parameter:
        return {"detail": sentence, "pointer": "#" + "".join(f"/{escape(printable(str(part)))}" for part in path)}
    return {"detail": _with_path(path[1:], sentence), "parameter": printable(str(path[0]))} if path else {"detail": sentence}


def by_field(violations: Iterable[Violation]) -> tuple[dict[str, list[str]], list[str]]:
    """(sentences by top-level field, sentences of no field). A deeper path precedes the sentence: `[0].email: Is required`."""
    fields: dict[str, list[str]] = {}
    form: list[str] = []
    for path, sentence, _ in violations:
        sentences = fields.setdefault(printable(str(path[0])), []) if path else form
        full = _with_path(path[1:], sentence)
        if full not in sentences:
            sentences.append(full)
    return fields, form


def _with_path(path: tuple[Part, ...], sentence: str) -> str:
    """A sentence preceded by its path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    return f"{printable(text)}: {sentence}" if text else sentence


def in_one_sentence(problem: Problem) -> str:
    """The problem with all its violations, for outputs that have a single text."""
    fields, form = by_field(problem.violations)
    return ". ".join([problem.sentence, *(f"{field}: {', '.join(sentences)}" for field, sentences in fields.items()), *form])


def printable(text: str) -> str:
    """A name that can be repeated to its sender: of limited length and without control characters."""
    if len(text) <= MAX_NAME_LENGTH and text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text[:MAX_NAME_LENGTH])


def _put(body: Json, keys: tuple[str, ...], value: Any) -> None:
    for key in keys[:-1]:
        body = body.setdefault(key, {})
    body[keys[-1]] = value
