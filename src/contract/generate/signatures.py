"""The signatures of handlers: the typed intermediate form from which protocols, bindings and stubs are generated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from contract import names
from contract.generate.model_schemas import ModelSchemas, successes
from contract.openapi.operations import PATH_PARAMETER, Body, Operation, operations
from contract.openapi.references import Json, escape, resolve
from contract.openapi.schemas import type_of
from contract.project import Project
from contract.runtime.media import essence, is_json, is_structured
from contract.runtime.validators import Validators
from contract.runtime.visibility import for_side

PATH_TYPES = {"integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}
BYTES = "bytes | Iterator[bytes]"
RESERVED_NAMES = {"models", "Any", "Iterator", "HandlerResponse"}  # names that handler modules import
HANDLER_HEADERS = {"set-cookie", "location", "content-disposition"}  # headers that only the handler knows
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
    responses: tuple[tuple[int, str], ...]  # (status, type); the first status is used for values of an unlisted type
    needs_status: bool  # whether the type of a response does not determine its status
    context: str | None = None  # the class of the first argument, as `module.Class`

    @property
    def context_name(self) -> str:
        """The annotation of the first argument."""
        return self.context.rpartition(".")[2] if self.context else "Any"

    @property
    def returns(self) -> str:
        """The return annotation. If types do not determine the status, handlers return a `HandlerResponse`."""
        types = dict.fromkeys(type_ for _, type_ in self.responses)
        union = " | ".join(sorted(types, key=lambda type_: type_ == "None")) or "None"
        return f"HandlerResponse[{union}]" if self.needs_status else union

    def arguments(self) -> list[str]:
        """The annotated arguments after `self`."""
        parts = [f"ctx: {self.context_name}", *(f"{name}: {annotation}" for name, annotation in self.path)]
        parts += [f"body: {self.body}"] if self.body else []
        return parts + ([f"parameters: {self.parameters}"] if self.parameters else [])

    def definition(self, first: str, indent: str, max_length: int) -> str:
        """The `def` up to its colon, on one line if it fits, else with one argument per line."""
        parts = [*([first] if first else []), *self.arguments()]
        line = f"{indent}def {self.name}({', '.join(parts)}) -> {self.returns}:"
        if len(line) <= max_length:
            return line
        return "\n".join([f"{indent}def {self.name}(", *(f"{indent}    {part}," for part in parts), f"{indent}) -> {self.returns}:"])


def handlers(bundle: Json, schemas: ModelSchemas, project: Project) -> list[Handler]:
    """The handler of every operation, in document order."""
    optional = set(_without_body(bundle))
    return [
        replace(_handler(bundle, operation, schemas, optional), context=project.context_of(operation)) for operation in operations(bundle)
    ]


def _without_body(bundle: Json) -> Iterator[str]:
    """The operations whose body may be absent, where an absent body differs from `{}`."""
    optional = [operation for operation in operations(bundle) if operation.body is not None and not operation.body.required]
    validators = Validators(for_side(bundle, "request")) if optional else None
    for operation in optional:
        assert operation.body is not None
        assert validators is not None
        pointers = [
            f"{operation.body.pointer}/content/{escape(operation_)}/schema"
            for operation_ in operation.body.media
            if is_structured(operation_)
        ]
        if not any(validators.at(pointer).is_valid({}) for pointer in pointers):
            yield operation.id


def resources(handlers: list[Handler]) -> dict[str, list[Handler]]:
    """Handlers by their module, in order of first appearance."""
    grouped: dict[str, list[Handler]] = {}
    for handler in handlers:
        grouped.setdefault(handler.resource, []).append(handler)
    return grouped


def handler_name(operation_id: str) -> str:
    """The name of the handler function of an operation."""
    name = names.snake(operation_id)
    return f"{name}_" if name in RESERVED_NAMES else name


def _body(body: Body, schemas: ModelSchemas, operation_id: str, *, is_optional: bool) -> str:
    """The annotation of a body: its models, bytes for media types without one, None if it may be absent."""
    models = [candidate for candidate in (_model(schemas.bodies, operation_id), _model(schemas.forms, operation_id)) if candidate]
    types = [*models, *(["bytes"] if any(not is_structured(candidate) for candidate in body.media) else [])]
    return " | ".join([*(types or ["bytes"]), *(["None"] if is_optional else [])])


def _model(models: dict[str, str], operation_id: str) -> str | None:
    return f"models.{models[operation_id]}" if operation_id in models else None


def _handler(bundle: Json, operation: Operation, schemas: ModelSchemas, optional: set[str]) -> Handler:
    responses = tuple(_responses(operation, schemas))
    return Handler(
        id=operation.id,
        name=handler_name(operation.id),
        resource=names.snake(operation.tag),
        summary=re.sub(r"\s+", " ", str(operation.node.get("summary") or "").strip()),
        path=tuple(_path(bundle, operation)),
        body=_body(operation.body, schemas, operation.id, is_optional=operation.id in optional) if operation.body else None,
        body_model=_model(schemas.bodies, operation.id) or ("bytes" if operation.body else None),
        form_model=_model(schemas.forms, operation.id),
        parameters=_model(schemas.parameters, operation.id),
        responses=responses,
        needs_status=_needs_status(responses, schemas) or _has_own_headers(bundle, operation),
    )


def _path(bundle: Json, operation: Operation) -> Iterator[tuple[str, str]]:
    parameters = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "path"}
    template_names = PATH_PARAMETER.findall(operation.path)
    for name, argument in zip(template_names, names.path_keys(template_names), strict=True):
        yield argument, _type(bundle, parameters[name].schema if name in parameters else {})


def _type(bundle: Json, schema: Any) -> str:
    """The Python type of a path parameter."""
    type_name = type_of(bundle, schema)
    if type_name == "array":
        node, _ = resolve(bundle, schema, "")
        return f"list[{PATH_TYPES.get(type_of(bundle, node.get('items', {})), 'str')}]"
    return PATH_TYPES.get(type_name, "str")


def _responses(operation: Operation, schemas: ModelSchemas) -> Iterator[tuple[int, str]]:
    for status in successes(operation):
        media = operation.responses[status].media
        model = schemas.responses.get((operation.id, status))
        if model:
            yield _status_number(status), f"models.{model}"
        if any(not is_json(essence(media_type)) for media_type in media):
            yield _status_number(status), BYTES
        if not media:
            yield _status_number(status), "None"


def _status_number(status: str) -> int:
    """The status that is sent for a documented one, `2XX` and `default` included."""
    return int(status.upper().replace("X", "0")) if status.upper() != "DEFAULT" else OK


def _has_own_headers(bundle: Json, operation: Operation) -> bool:
    """Whether a success requires a header that only its handler knows."""
    return any(
        name.lower() in HANDLER_HEADERS and resolve(bundle, header, "")[0].get("required", False)
        for status in successes(operation)
        for name, header in operation.responses[status].headers.items()
    )


def _needs_status(responses: tuple[tuple[int, str], ...], schemas: ModelSchemas) -> bool:
    """Whether responses of two statuses may have the same type, or a type that is unknown at run time, such as that of a list."""
    if len({status for status, _ in responses}) < 2:  # noqa: PLR2004 - one status is unambiguous
        return False
    types = [type_ for _, type_ in responses]
    ambiguous = [type_ for type_ in types if type_.startswith("models.") and not schemas.is_class(type_.removeprefix("models."))]
    return bool(ambiguous) or len(set(types)) < len(types)
