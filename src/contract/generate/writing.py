"""The generated files beside the models: protocols, signatures, the check of every handler, and the error codes."""

from __future__ import annotations

import json
from typing import Any

from contract import names
from contract.generate.signatures import BYTES, OK, Handler, resources
from contract.openapi.operations import operations
from contract.openapi.problem_shape import KeyPath, problem_shape
from contract.openapi.references import Json, resolve

LINE_LENGTH = 140
NOTE = "Written by `contract generate`; edit the document instead."
FUTURE_IMPORT = ["from __future__ import annotations", ""]


def routes(all_handlers: list[Handler], package: str) -> str:
    """`routes.py`: a protocol per resource, and the signature of every operation for the runtime."""
    text = "\n".join(_routes(all_handlers))
    lines = [f'"""The protocols of handlers, and how the runtime calls them. {NOTE}"""', "", *FUTURE_IMPORT]
    lines += [*_imports(text, all_handlers, package), text, ""]
    return "\n".join(lines)


def _routes(all_handlers: list[Handler]) -> list[str]:
    lines: list[str] = []
    for (resource, members), name in zip(resources(all_handlers).items(), protocol_names(all_handlers), strict=True):
        lines += ["", "", f"class {name}(Protocol):", f'    """Handlers of `{resource}`."""']
        for handler in members:
            lines += ["", *_method(handler)]
    return [*lines, "", "", "SIGNATURES: dict[str, Signature] = {", *map(_signature, all_handlers), "}"]


def protocol_names(all_handlers: list[Handler]) -> list[str]:
    """A class name for each resource, in order."""
    context_names = {handler.context_name for handler in all_handlers}
    return names.unique(
        map(names.camel, resources(all_handlers)),
        ("Protocol", "HandlerResponse", "Signature", "Iterator", "NoneType", *sorted(context_names)),
    )


def _imports(text: str, all_handlers: list[Handler], package: str) -> list[str]:
    """The imports of the names in the text, standard library first."""
    typing = ["Any"] if "Any" in text else []
    lines = ["from collections.abc import Iterator"] if "Iterator[" in text else []
    lines += ["from types import NoneType"] if "NoneType" in text else []
    lines += [f"from typing import {', '.join([*typing, *(['Protocol'] if 'Protocol' in text else [])])}"] if "Protocol" in text else []
    lines += ["", f"from contract.runtime.binding import {'HandlerResponse, ' if 'HandlerResponse[' in text else ''}Signature"]
    lines += [f"from {package} import models"] if "models." in text else []
    return lines + context_imports(all_handlers)


def context_imports(all_handlers: list[Handler]) -> list[str]:
    """An import for each context class."""
    contexts = sorted({handler.context for handler in all_handlers if handler.context})
    return [f"from {context.rpartition('.')[0]} import {context.rpartition('.')[2]}" for context in contexts]


def handler_checks(all_handlers: list[Handler], package: str, handlers: str) -> str:
    """`handlers.py`: every handler module assigned to its protocol, so that a type checker reports missing and wrong handlers."""
    by_resource = resources(all_handlers)
    modules = {resource: f"{resource}_" if resource in {"routes", "Any"} else resource for resource in by_resource}
    imported = ", ".join(name if name == modules[name] else f"{name} as {modules[name]}" for name in sorted(by_resource))
    lines = [f'"""Every handler module, checked against its protocol. {NOTE}"""', "", *FUTURE_IMPORT, "from typing import Any", ""]
    lines += [f"from {package} import routes", f"from {handlers} import {imported}", ""] if by_resource else []
    protocols = protocol_names(all_handlers)
    lines += [f"_{resource}: routes.{protocol} = {modules[resource]}" for resource, protocol in zip(by_resource, protocols, strict=True)]
    lines += ["", "HANDLERS: dict[str, Any] = {", *(f'    "{resource}": {modules[resource]},' for resource in by_resource), "}", ""]
    return "\n".join(lines)


def problems(bundle: Json) -> str:
    """`problems.py`: the error codes as a type, and the statuses of each."""
    statuses = error_codes(bundle)
    lines = [f'"""The contract\'s error codes. {NOTE}"""', "", *FUTURE_IMPORT, "from typing import Literal, TypeAlias"]
    if statuses:
        lines += ["", "Code: TypeAlias = Literal[", *(f"    {repr_(code)}," for code in statuses), "]", ""]
    else:
        lines = [*lines[:-1], "from typing import TypeAlias", "", "Code: TypeAlias = str", ""]
    lines += ["STATUSES: dict[str, tuple[int, ...]] = {"]
    return "\n".join([*lines, *(f"    {repr_(code)}: {_tuple(numbers)}," for code, numbers in statuses.items()), "}", ""])


def error_codes(bundle: Json) -> dict[str, list[int]]:
    """Error code -> statuses, read from the enums of the documented error responses; `x-problem` has the path of codes."""
    statuses_by_code: dict[str, list[int]] = {}
    keys = problem_shape(bundle).members.get("code", ("code",))
    for operation in operations(bundle):
        for status, response in operation.responses.items():
            _collect(bundle, (status, response.node), keys, statuses_by_code)
    for status, response_node in bundle.get("x-unmatched", {}).items():
        _collect(bundle, (str(status), response_node), keys, statuses_by_code)
    return {code: sorted(statuses_by_code[code]) for code in sorted(statuses_by_code)}


def _collect(bundle: Json, status_and_node: tuple[str, Json], keys: KeyPath, statuses_by_code: dict[str, list[int]]) -> None:
    status, response_node = status_and_node
    if not status.startswith(("4", "5")) or not status.isdigit():
        return
    response, _ = resolve(bundle, response_node, "")
    for media in response.get("content", {}).values():
        for code in _codes(bundle, media.get("schema", {}), keys):
            if int(status) not in statuses_by_code.setdefault(code, []):
                statuses_by_code[code].append(int(status))


def _codes(bundle: Json, schema: Any, keys: KeyPath, visited: frozenset[int] = frozenset()) -> list[str]:
    """The narrowest enum of codes of an error schema: a branch of its allOf wins over the shared one."""
    if not isinstance(schema, dict):
        return []
    schema, _ = resolve(bundle, schema, "")
    if not isinstance(schema, dict) or id(schema) in visited:
        return []
    narrowed = [
        codes
        for branch in schema.get("allOf", [])
        if "$ref" not in branch and (codes := _codes(bundle, branch, keys, visited | {id(schema)}))
    ]
    if narrowed:
        return narrowed[0]
    inner = schema.get("properties", {}).get(keys[0], {})
    if len(keys) > 1:
        return _codes(bundle, inner, keys[1:], visited | {id(schema)})
    values: list[Any] = resolve(bundle, inner, "")[0].get("enum", []) if isinstance(inner, dict) else []
    return [value for value in values if isinstance(value, str)]


def _method(handler: Handler) -> list[str]:
    return [handler.definition("self", "    ", LINE_LENGTH), f"        {docstring(handler.summary or handler.name)}"]


def docstring(text: str) -> str:
    """A sentence as a docstring, with any characters."""
    return f'"""{text}."""' if not {'"', "\\"} & set(text) else json.dumps(f"{text}.", ensure_ascii=False)


def _signature(handler: Handler) -> str:
    parts = [repr_(handler.resource)]
    parts += [f"path=({', '.join(repr_(name) for name, _ in handler.path)},)"] if handler.path else []
    parts += [f"body={handler.body_model}"] if handler.body_model else []
    parts += [f"form={handler.form_model}"] if handler.form_model else []
    parts += [f"parameters={handler.parameters}"] if handler.parameters else []
    parts += [f"status={handler.responses[0][0]}"] if handler.responses and handler.responses[0][0] != OK else []
    has_several_statuses = len({status for status, _ in handler.responses}) > 1
    parts += [f"responses={{{', '.join(_status_by_type(handler))}}}"] if has_several_statuses and not handler.needs_status else []
    parts += [f"name={repr_(handler.name)}"] if handler.name != handler.id else []
    return f"    {repr_(handler.id)}: Signature({', '.join(parts)}),"


def _status_by_type(handler: Handler) -> list[str]:
    """`type: status` for each response whose type determines the status."""
    runtime_types = {BYTES: "bytes", "None": "NoneType"}
    return [f"{runtime_types.get(type_, type_)}: {status}" for status, type_ in handler.responses]


def repr_(text: str) -> str:
    """A Python string literal in double quotes."""
    return json.dumps(text)


def _tuple(numbers: list[int]) -> str:
    return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"
