"""How each operation's handler looks: the typed intermediate form that protocols, bindings and stubs are all written from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contract import names
from contract.generate.carrying import Carried
from contract.operations import PATH_PARAMETER, Json, Operation, operations, resolve

TYPES = {"integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Handler:
    """One handler function. `path` is (argument, type) in the template's order; models are names in `models.py`."""

    name: str
    resource: str
    summary: str
    path: tuple[tuple[str, str], ...]
    body: str | None
    parameters: str | None
    answers: tuple[tuple[int, str], ...]  # (status, type), the first is the one bare answers of an unlisted type have

    @property
    def returns(self) -> str:
        """The annotation of the answer. Two statuses of one type can only be told apart by a `Reply`."""
        types = [answer for _, answer in self.answers]
        union = " | ".join(dict.fromkeys(types)) or "None"
        return union if len(set(types)) == len(types) else f"Reply[{union}]"

    def arguments(self, context: str) -> str:
        """The parameter list after `self`, annotated."""
        parts = [f"ctx: {context}", *(f"{name}: {kind}" for name, kind in self.path)]
        parts += [f"body: {self.body}"] if self.body else []
        parts += [f"parameters: {self.parameters}"] if self.parameters else []
        return ", ".join(parts)


def handlers(bundle: Json, carried: Carried) -> list[Handler]:
    """Every operation's handler, in the document's order, with unique names."""
    return [_handler(bundle, operation, carried) for operation in operations(bundle)]


def resources(found: list[Handler]) -> dict[str, list[Handler]]:
    """Handlers by the module they live in, in order of first appearance."""
    grouped: dict[str, list[Handler]] = {}
    for one in found:
        grouped.setdefault(one.resource, []).append(one)
    return grouped


def _handler(bundle: Json, operation: Operation, carried: Carried) -> Handler:
    body = carried.bodies.get(operation.id)
    return Handler(
        name=names.snake(operation.id),
        resource=names.snake(operation.tag),
        summary=re.sub(r"\s+", " ", str(operation.node.get("summary", "")).strip()),
        path=tuple(_path(bundle, operation)),
        body=f"models.{body}" if body else "bytes" if operation.body else None,
        parameters=f"models.{carried.parameters[operation.id]}" if operation.id in carried.parameters else None,
        answers=tuple(_answers(operation, carried)),
    )


def _path(bundle: Json, operation: Operation) -> Iterator[tuple[str, str]]:
    by_name = {one.name: one for one in operation.parameters if one.location == "path"}
    for name in PATH_PARAMETER.findall(operation.path):
        schema = resolve(bundle, by_name[name].schema, "")[0] if name in by_name else {}
        kind = schema.get("type")
        yield names.snake(name), TYPES.get(kind, "str") if isinstance(kind, str) else "str"


def _answers(operation: Operation, carried: Carried) -> Iterator[tuple[int, str]]:
    for status, response in operation.responses.items():
        if re.fullmatch(r"2\d\d", status):
            model = carried.answers.get((operation.id, status))
            yield int(status), f"models.{model}" if model else "bytes" if response.media else "None"
