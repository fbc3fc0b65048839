"""The generated files beside the models: protocols, signatures, the proof that every handler fits, and the error codes."""

from __future__ import annotations

import json
from typing import Any

from contract import names
from contract.generate.signatures import BYTES, OK, Handler, resources
from contract.openapi.operations import Json, operations, resolve
from contract.openapi.problem_shape import Keys, problem_shape

LINE = 140
NOTE = "Written by `contract generate`; edit the document instead."
FUTURE = ["from __future__ import annotations", ""]


def routes(found: list[Handler], package: str) -> str:
    """`routes.py`: a protocol per resource, and every operation's signature for the runtime."""
    text = "\n".join(_routes(found))
    lines = [f'"""What each resource\'s handlers must look like, and how the runtime calls them. {NOTE}"""', "", *FUTURE]
    lines += [*_imports(text, found, package), text, ""]
    return "\n".join(lines)


def _routes(found: list[Handler]) -> list[str]:
    lines: list[str] = []
    for (resource, members), name in zip(resources(found).items(), protocol_names(found), strict=True):
        lines += ["", "", f"class {name}(Protocol):", f'    """Handlers of `{resource}`."""']
        for one in members:
            lines += ["", *_method(one)]
    return [*lines, "", "", "SIGNATURES: dict[str, Signature] = {", *map(_signature, found), "}"]


def protocol_names(found: list[Handler]) -> list[str]:
    """A class name for each resource, in their order."""
    taken = {one.context_name for one in found}
    return names.unique(map(names.camel, resources(found)), ("Protocol", "Reply", "Signature", "Iterator", "NoneType", *sorted(taken)))


def _imports(text: str, found: list[Handler], package: str) -> list[str]:
    """The imports of what the text names, standard library first."""
    typing = ["Any"] if "Any" in text else []
    lines = ["from collections.abc import Iterator"] if "Iterator[" in text else []
    lines += ["from types import NoneType"] if "NoneType" in text else []
    lines += [f"from typing import {', '.join([*typing, *(['Protocol'] if 'Protocol' in text else [])])}"] if "Protocol" in text else []
    lines += ["", f"from contract.runtime.binding import {'Reply, ' if 'Reply[' in text else ''}Signature"]
    lines += [f"from {package} import models"] if "models." in text else []
    return lines + context_imports(found)


def context_imports(found: list[Handler]) -> list[str]:
    """An import for each class of context."""
    contexts = sorted({one.context for one in found if one.context})
    return [f"from {context.rpartition('.')[0]} import {context.rpartition('.')[2]}" for context in contexts]


def proof(found: list[Handler], package: str, handlers: str) -> str:
    """`handlers.py`: every handler module assigned to its protocol, so that a type checker sees each one missing or drifted."""
    grouped = resources(found)
    modules = {resource: f"{resource}_" if resource in {"routes", "Any"} else resource for resource in grouped}
    imported = ", ".join(one if one == modules[one] else f"{one} as {modules[one]}" for one in sorted(grouped))
    lines = [f'"""Every handler module, proved against its protocol. {NOTE}"""', "", *FUTURE, "from typing import Any", ""]
    lines += [f"from {package} import routes", f"from {handlers} import {imported}", ""] if grouped else []
    protocols = protocol_names(found)
    lines += [f"_{resource}: routes.{protocol} = {modules[resource]}" for resource, protocol in zip(grouped, protocols, strict=True)]
    lines += ["", "HANDLERS: dict[str, Any] = {", *(f'    "{resource}": {modules[resource]},' for resource in grouped), "}", ""]
    return "\n".join(lines)


def problems(bundle: Json) -> str:
    """`problems.py`: the error codes as a type, and the statuses each is answered with."""
    statuses = error_codes(bundle)
    lines = [f'"""The contract\'s error codes. {NOTE}"""', "", *FUTURE, "from typing import Literal, TypeAlias"]
    if statuses:
        lines += ["", "Code: TypeAlias = Literal[", *(f"    {repr_(code)}," for code in statuses), "]", ""]
    else:
        lines = [*lines[:-1], "from typing import TypeAlias", "", "Code: TypeAlias = str", ""]
    lines += ["STATUSES: dict[str, tuple[int, ...]] = {"]
    return "\n".join([*lines, *(f"    {repr_(code)}: {_tuple(found)}," for code, found in statuses.items()), "}", ""])


def error_codes(bundle: Json) -> dict[str, list[int]]:
    """Error code -> statuses, read from the enums of the documented error responses; `x-problem` says where an error has its code."""
    found: dict[str, list[int]] = {}
    keys = problem_shape(bundle).members.get("code", ("code",))
    for operation in operations(bundle):
        for status, response in operation.responses.items():
            _collect(bundle, (status, response.node), keys, found)
    for status, written in bundle.get("x-unmatched", {}).items():
        _collect(bundle, (str(status), written), keys, found)
    return {code: sorted(found[code]) for code in sorted(found)}


def _collect(bundle: Json, answer: tuple[str, Json], keys: Keys, found: dict[str, list[int]]) -> None:
    status, written = answer
    if not status.startswith(("4", "5")) or not status.isdigit():
        return
    response, _ = resolve(bundle, written, "")
    for media in response.get("content", {}).values():
        for code in _codes(bundle, media.get("schema", {}), keys):
            if int(status) not in found.setdefault(code, []):
                found[code].append(int(status))


def _codes(bundle: Json, schema: Any, keys: Keys, seen: frozenset[int] = frozenset()) -> list[str]:
    """The narrowest enum of codes of an error schema: a branch of its allOf wins over the shared one."""
    if not isinstance(schema, dict):
        return []
    schema, _ = resolve(bundle, schema, "")
    if not isinstance(schema, dict) or id(schema) in seen:
        return []
    narrowed = [
        codes for branch in schema.get("allOf", []) if "$ref" not in branch and (codes := _codes(bundle, branch, keys, seen | {id(schema)}))
    ]
    if narrowed:
        return narrowed[0]
    inner = schema.get("properties", {}).get(keys[0], {})
    if len(keys) > 1:
        return _codes(bundle, inner, keys[1:], seen | {id(schema)})
    values: list[Any] = resolve(bundle, inner, "")[0].get("enum", []) if isinstance(inner, dict) else []
    return [value for value in values if isinstance(value, str)]


def _method(one: Handler) -> list[str]:
    return [one.definition("self", "    ", LINE), f"        {docstring(one.summary or one.name)}"]


def docstring(text: str) -> str:
    """A sentence as a docstring, whatever is in it."""
    return f'"""{text}."""' if not {'"', "\\"} & set(text) else json.dumps(f"{text}.", ensure_ascii=False)


def _signature(one: Handler) -> str:
    parts = [repr_(one.resource)]
    parts += [f"path=({', '.join(repr_(name) for name, _ in one.path)},)"] if one.path else []
    parts += [f"body={one.body_model}"] if one.body_model else []
    parts += [f"form={one.form_model}"] if one.form_model else []
    parts += [f"parameters={one.parameters}"] if one.parameters else []
    parts += [f"status={one.answers[0][0]}"] if one.answers and one.answers[0][0] != OK else []
    several = len({status for status, _ in one.answers}) > 1
    parts += [f"answers={{{', '.join(_told(one))}}}"] if several and not one.needs_reply else []
    parts += [f"name={repr_(one.name)}"] if one.name != one.id else []
    return f"    {repr_(one.id)}: Signature({', '.join(parts)}),"


def _told(one: Handler) -> list[str]:
    """`type: status` for each answer whose status its type tells."""
    runtime = {BYTES: "bytes", "None": "NoneType"}
    return [f"{runtime.get(kind, kind)}: {status}" for status, kind in one.answers]


def repr_(text: str) -> str:
    """A Python string literal in double quotes."""
    return json.dumps(text)


def _tuple(numbers: list[int]) -> str:
    return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"
