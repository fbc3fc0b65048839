"""How each operation's handler looks: the typed intermediate form that protocols, bindings and stubs are all written from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract import names
from contract.generate.carrying import Carried
from contract.operations import PATH_PARAMETER, Json, Operation, operations, resolve
from contract.runtime.parameters import kind_of

TYPES = {"integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}
BYTES = "bytes | Iterator[bytes]"
NOT_A_HANDLER = {"models", "Any", "Iterator", "Reply"}  # what handler modules import
OK, NO_CONTENT = 200, 204


@dataclass(frozen=True, slots=True)
class Handler:
    """One handler function. `path` is (argument, type) in the template's order; models are names in `models.py`."""

    id: str
    name: str
    resource: str
    summary: str
    path: tuple[tuple[str, str], ...]
    body: str | None
    parameters: str | None
    answers: tuple[tuple[int, str], ...]  # (status, type), the first is the one bare answers of an unlisted type have
    needs_reply: bool  # whether the type of an answer cannot tell its status

    @property
    def returns(self) -> str:
        """The annotation of the answer. Statuses that their types do not tell apart can only be told by a `Reply`."""
        union = " | ".join(dict.fromkeys(kind for _, kind in self.answers)) or "None"
        return f"Reply[{union}]" if self.needs_reply else union

    def arguments(self, context: str) -> str:
        """The parameter list after `self`, annotated."""
        parts = [f"ctx: {context}", *(f"{name}: {kind}" for name, kind in self.path)]
        parts += [f"body: {self.body}"] if self.body else []
        parts += [f"parameters: {self.parameters}"] if self.parameters else []
        return ", ".join(parts)


def handlers(bundle: Json, carried: Carried) -> list[Handler]:
    """Every operation's handler, in the document's order."""
    return [_handler(bundle, operation, carried) for operation in operations(bundle)]


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


def _handler(bundle: Json, operation: Operation, carried: Carried) -> Handler:
    body = carried.bodies.get(operation.id)
    answers = tuple(_answers(operation, carried))
    return Handler(
        id=operation.id,
        name=handler_name(operation.id),
        resource=names.snake(operation.tag),
        summary=re.sub(r"\s+", " ", str(operation.node.get("summary") or "").strip()),
        path=tuple(_path(bundle, operation)),
        body=f"models.{body}" if body else "bytes" if operation.body else None,
        parameters=f"models.{carried.parameters[operation.id]}" if operation.id in carried.parameters else None,
        answers=answers,
        needs_reply=_needs_reply([kind for _, kind in answers], carried),
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
    """The successes; where there are none, what else is no error."""
    statuses = [one for one in operation.responses if one.startswith("2")]
    for status in statuses or [one for one in operation.responses if not one.startswith(("4", "5"))]:
        model = carried.answers.get((operation.id, status))
        yield _number(status), f"models.{model}" if model else BYTES if operation.responses[status].media else "None"


def _number(status: str) -> int:
    """The status that is sent for one documented, `2XX` and `default` included."""
    return int(status.upper().replace("X", "0")) if status.upper() != "DEFAULT" else OK


def _needs_reply(kinds: list[str], carried: Carried) -> bool:
    """Whether two answers may look alike: they have one type, or a type that values do not tell, such as a list's."""
    if len(kinds) < 2:  # noqa: PLR2004 - one answer is like no other
        return False
    untold = [kind for kind in kinds if kind.startswith("models.") and not carried.is_class(kind.removeprefix("models."))]
    return bool(untold) or len(set(kinds)) < len(kinds)
