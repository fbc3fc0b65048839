"""How each operation's handler looks: the typed intermediate form that protocols, bindings and stubs are all written from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from contract import names
from contract.generate.model_schemas import Carried, successes
from contract.openapi.operations import PATH_PARAMETER, Body, Json, Operation, escape, operations, resolve
from contract.project import Project
from contract.runtime.media import essence, is_json, is_judged
from contract.runtime.styles import kind_of
from contract.runtime.validators import Validators
from contract.runtime.visibility import seen_from

TYPES = {"integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}
BYTES = "bytes | Iterator[bytes]"
NOT_A_HANDLER = {"models", "Any", "Iterator", "Reply"}  # what handler modules import
HANDLERS_OWN = {"set-cookie", "location", "content-disposition"}  # header fields that only the handler can know
OK, NO_CONTENT = 200, 204


@dataclass(frozen=True, slots=True)
class Handler:
    """One handler function. `path` is (argument, type) in the template's order; models are names in `models.py`."""

    id: str
    name: str
    resource: str
    summary: str
    path: tuple[tuple[str, str], ...]
    body: str | None  # the annotation of the argument
    body_model: str | None
    form_model: str | None
    parameters: str | None
    answers: tuple[tuple[int, str], ...]  # (status, type), the first is the one bare answers of an unlisted type have
    needs_reply: bool  # whether the type of an answer cannot tell its status
    context: str | None = None  # the class of the first argument, as `module.Class`

    @property
    def context_name(self) -> str:
        """The annotation of the first argument."""
        return self.context.rpartition(".")[2] if self.context else "Any"

    @property
    def returns(self) -> str:
        """The annotation of the answer. Statuses that their types do not tell apart can only be told by a `Reply`."""
        kinds = dict.fromkeys(kind for _, kind in self.answers)
        union = " | ".join(sorted(kinds, key=lambda kind: kind == "None")) or "None"
        return f"Reply[{union}]" if self.needs_reply else union

    def arguments(self) -> list[str]:
        """The arguments after `self`, annotated."""
        parts = [f"ctx: {self.context_name}", *(f"{name}: {kind}" for name, kind in self.path)]
        parts += [f"body: {self.body}"] if self.body else []
        return parts + ([f"parameters: {self.parameters}"] if self.parameters else [])

    def definition(self, first: str, indent: str, longest: int) -> str:
        """The `def` up to its colon, in one line where it fits, else in one line for each argument."""
        parts = [*([first] if first else []), *self.arguments()]
        line = f"{indent}def {self.name}({', '.join(parts)}) -> {self.returns}:"
        if len(line) <= longest:
            return line
        return "\n".join([f"{indent}def {self.name}(", *(f"{indent}    {one}," for one in parts), f"{indent}) -> {self.returns}:"])


def handlers(bundle: Json, carried: Carried, project: Project) -> list[Handler]:
    """Every operation's handler, in the document's order."""
    optional = set(_without_body(bundle))
    return [
        replace(_handler(bundle, operation, carried, optional), context=project.context_of(operation)) for operation in operations(bundle)
    ]


def _without_body(bundle: Json) -> Iterator[str]:
    """The operations whose body may be absent, and is not the same as `{}` then."""
    found = [one for one in operations(bundle) if one.body is not None and not one.body.required]
    validators = Validators(seen_from(bundle, "request")) if found else None
    for operation in found:
        assert operation.body is not None
        assert validators is not None
        judged = [f"{operation.body.pointer}/content/{escape(one)}/schema" for one in operation.body.media if is_judged(one)]
        if not any(validators.at(pointer).is_valid({}) for pointer in judged):
            yield operation.id


def resources(found: list[Handler]) -> dict[str, list[Handler]]:
    """Handlers by the module they live in, in order of first appearance."""
    grouped: dict[str, list[Handler]] = {}
    for one in found:
        grouped.setdefault(one.resource, []).append(one)
    return grouped


def handler_name(operation_id: str) -> str:
    """The function that answers an operation."""
    name = names.snake(operation_id)
    return f"{name}_" if name in NOT_A_HANDLER else name


def _body(body: Body, carried: Carried, operation_id: str, *, is_optional: bool) -> str:
    """The annotation of a body: its models, bytes where a media type has none, None where it may be absent."""
    models = [one for one in (_model(carried.bodies, operation_id), _model(carried.forms, operation_id)) if one]
    kinds = [*models, *(["bytes"] if any(not is_judged(one) for one in body.media) else [])]
    return " | ".join([*(kinds or ["bytes"]), *(["None"] if is_optional else [])])


def _model(found: dict[str, str], operation_id: str) -> str | None:
    return f"models.{found[operation_id]}" if operation_id in found else None


def _handler(bundle: Json, operation: Operation, carried: Carried, optional: set[str]) -> Handler:
    answers = tuple(_answers(operation, carried))
    return Handler(
        id=operation.id,
        name=handler_name(operation.id),
        resource=names.snake(operation.tag),
        summary=re.sub(r"\s+", " ", str(operation.node.get("summary") or "").strip()),
        path=tuple(_path(bundle, operation)),
        body=_body(operation.body, carried, operation.id, is_optional=operation.id in optional) if operation.body else None,
        body_model=_model(carried.bodies, operation.id) or ("bytes" if operation.body else None),
        form_model=_model(carried.forms, operation.id),
        parameters=_model(carried.parameters, operation.id),
        answers=answers,
        needs_reply=_needs_reply(answers, carried) or _has_own_headers(bundle, operation),
    )


def _path(bundle: Json, operation: Operation) -> Iterator[tuple[str, str]]:
    by_name = {one.name: one for one in operation.parameters if one.location == "path"}
    found = PATH_PARAMETER.findall(operation.path)
    for name, argument in zip(found, names.path_keys(found), strict=True):
        yield argument, _type(bundle, by_name[name].schema if name in by_name else {})


def _type(bundle: Json, schema: Any) -> str:
    """The Python type of a path parameter."""
    kind = kind_of(bundle, schema)
    if kind == "array":
        node, _ = resolve(bundle, schema, "")
        return f"list[{TYPES.get(kind_of(bundle, node.get('items', {})), 'str')}]"
    return TYPES.get(kind, "str")


def _answers(operation: Operation, carried: Carried) -> Iterator[tuple[int, str]]:
    for status in successes(operation):
        media = operation.responses[status].media
        model = carried.answers.get((operation.id, status))
        if model:
            yield _number(status), f"models.{model}"
        if any(not is_json(essence(one)) for one in media):
            yield _number(status), BYTES
        if not media:
            yield _number(status), "None"


def _number(status: str) -> int:
    """The status that is sent for one documented, `2XX` and `default` included."""
    return int(status.upper().replace("X", "0")) if status.upper() != "DEFAULT" else OK


def _has_own_headers(bundle: Json, operation: Operation) -> bool:
    """Whether a success must have a header field that only its handler can know."""
    return any(
        name.lower() in HANDLERS_OWN and resolve(bundle, written, "")[0].get("required", False)
        for status in successes(operation)
        for name, written in operation.responses[status].headers.items()
    )


def _needs_reply(answers: tuple[tuple[int, str], ...], carried: Carried) -> bool:
    """Whether answers of two statuses may look alike: they have one type, or a type that values do not tell, such as a list's."""
    if len({status for status, _ in answers}) < 2:  # noqa: PLR2004 - one status is like no other
        return False
    kinds = [kind for _, kind in answers]
    untold = [kind for kind in kinds if kind.startswith("models.") and not carried.is_class(kind.removeprefix("models."))]
    return bool(untold) or len(set(kinds)) < len(kinds)
