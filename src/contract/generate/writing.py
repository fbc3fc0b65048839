"""The generated files beside the models: protocols, signatures, the proof that every handler fits, and the error codes."""

from __future__ import annotations

import json
from typing import Any

from contract import names
from contract.generate.signatures import Handler, resources
from contract.operations import Json, resolve

NOTE = "Written by `contract generate`; edit the document instead."


def routes(found: list[Handler], context: str | None, package: str) -> str:
    """`routes.py`: a protocol per resource, and every operation's signature for the runtime."""
    typed = any("models." in one.arguments("") + one.returns for one in found)
    lines = [
        f'"""What each resource\'s handlers must look like, and how the runtime calls them. {NOTE}"""',
        "",
        "from __future__ import annotations",
        "",
    ]
    lines += ["from typing import Any, Protocol" if context is None else "from typing import Protocol", ""]
    lines += [
        f"from contract.runtime.binding import {'Reply, ' if any(one.returns.startswith('Reply[') for one in found) else ''}Signature"
    ]
    lines += [f"from {package} import models"] if typed else []
    lines += [f"from {context.rpartition('.')[0]} import {context.rpartition('.')[2]}"] if context else []
    for resource, members in resources(found).items():
        lines += ["", "", f"class {names.camel(resource)}(Protocol):", f'    """Handlers of `{resource}`."""']
        for one in members:
            lines += ["", *_method(one, _context_name(context))]
    lines += ["", "", "SIGNATURES: dict[str, Signature] = {", *map(_signature, found), "}", ""]
    return "\n".join(lines)


def proof(found: list[Handler], package: str, handlers: str) -> str:
    """`handlers.py`: every handler module assigned to its protocol, so that a type checker sees each one missing or drifted."""
    grouped = resources(found)
    lines = [
        f'"""Every handler module, proved against its protocol. {NOTE}"""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Any",
        "",
    ]
    lines += [f"from {package} import routes", f"from {handlers} import {', '.join(sorted(grouped))}", ""]
    lines += [f"_{resource}: routes.{names.camel(resource)} = {resource}" for resource in grouped]
    lines += ["", "HANDLERS: dict[str, Any] = {", *(f'    "{resource}": {resource},' for resource in grouped), "}", ""]
    return "\n".join(lines)


def problems(bundle: Json) -> str:
    """`problems.py`: the error codes as a type, and the statuses each is answered with."""
    statuses = error_codes(bundle)
    lines = [
        f'"""The contract\'s error codes. {NOTE}"""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Literal, TypeAlias",
        "",
    ]
    if statuses:
        lines += ["Code: TypeAlias = Literal[", *(f'    "{code}",' for code in statuses), "]", ""]
    else:
        lines += ["Code: TypeAlias = str", ""]
    lines += ["STATUSES: dict[str, tuple[int, ...]] = {", *(f'    "{code}": {_tuple(found)},' for code, found in statuses.items()), "}", ""]
    return "\n".join(lines)


def error_codes(bundle: Json) -> dict[str, list[int]]:
    """Error code -> statuses, read from the `code` enums of the documented error responses."""
    found: dict[str, list[int]] = {}
    for item in bundle.get("paths", {}).values():
        for operation in item.values():
            for status, written in (operation.get("responses", {}) if isinstance(operation, dict) else {}).items():
                _collect(bundle, str(status), written, found)
    for status, written in bundle.get("x-unmatched", {}).items():
        _collect(bundle, str(status), written, found)
    return {code: sorted(found[code]) for code in sorted(found)}


def _collect(bundle: Json, status: str, written: Json, found: dict[str, list[int]]) -> None:
    if not status.startswith(("4", "5")):
        return
    response, _ = resolve(bundle, written, "")
    for media in response.get("content", {}).values():
        for code in _codes(bundle, media.get("schema", {})):
            if int(status) not in found.setdefault(code, []):
                found[code].append(int(status))


def _codes(bundle: Json, schema: Json) -> list[str]:
    """The narrowest `code` enum of an error schema: a branch of its allOf wins over the shared one."""
    schema, _ = resolve(bundle, schema, "")
    narrowed = [codes for branch in schema.get("allOf", []) if "$ref" not in branch and (codes := _codes(bundle, branch))]
    if narrowed:
        return narrowed[0]
    code, _ = resolve(bundle, schema.get("properties", {}).get("code", {}), "")
    values: list[Any] = code.get("enum", [])
    return [value for value in values if isinstance(value, str)]


def _context_name(context: str | None) -> str:
    return context.rpartition(".")[2] if context else "Any"


def _method(one: Handler, context: str) -> list[str]:
    signature = f"    def {one.name}(self, {one.arguments(context)}) -> {one.returns}:"
    return (
        [signature, f"        {json.dumps(one.summary or one.name, ensure_ascii=False)}"]
        if '"' in one.summary
        else [signature, f'        """{one.summary or one.name}."""']
    )


def _signature(one: Handler) -> str:
    parts = [f'"{one.resource}"']
    parts += [f"path=({', '.join(repr_(name) for name, _ in one.path)},)"] if one.path else []
    parts += [f"body={one.body}"] if one.body else []
    parts += [f"parameters={one.parameters}"] if one.parameters else []
    parts += [f"status={one.answers[0][0]}"] if one.answers and one.answers[0][0] != 200 else []  # noqa: PLR2004 - the default of Signature
    distinct = [(status, kind) for status, kind in one.answers if kind.startswith("models.")]
    parts += (
        [f"answers={{{', '.join(f'{kind}: {status}' for status, kind in distinct)}}}"]
        if len(distinct) > 1 and not one.returns.startswith("Reply[")
        else []
    )
    return f'    "{one.name}": Signature({", ".join(parts)}),'


def repr_(text: str) -> str:
    """A Python string literal in double quotes."""
    return json.dumps(text)


def _tuple(numbers: list[int]) -> str:
    return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"
