"""Stubs for operations that have no handler yet: added to the end of their module, never touching a byte that is there."""

from __future__ import annotations

import ast
from pathlib import Path

from contract.errors import ContractError
from contract.generate.signatures import Handler


def completed(path: Path, members: list[Handler], context: str | None, package: str) -> str | None:
    """The module's text with a stub for each missing handler, None when none is missing.

    Raises ContractError for a module that does not parse.
    """
    text = path.read_text() if path.exists() else None
    missing = [one for one in members if one.name not in _defined(path, text or "")]
    if not missing:
        return None
    stubs = "".join(_stub(one, context) for one in missing)
    if text is None:
        return _head(members[0].resource, missing, context, package) + stubs
    text = _with_imports(text, [one for one in _imports(missing, context, package) if one not in text])
    return text + ("" if text.endswith("\n") else "\n") + stubs


def _defined(path: Path, text: str) -> set[str]:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ContractError(f"{path}:{error.lineno}:{error.offset}: this handler module does not parse: {error.msg}") from error
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    names |= {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)}
    return names | {alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def _with_imports(text: str, imports: list[str]) -> str:
    """The text with import lines added after its last import; what stands there keeps its bytes."""
    if not imports:
        return text
    tree = ast.parse(text)
    anchors = [node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    docstring = tree.body[0].end_lineno or 0 if tree.body and ast.get_docstring(tree) is not None else 0
    line = max(anchors, default=docstring)
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:line], *(f"{one}\n" for one in imports), *lines[line:]])


def _imports(members: list[Handler], context: str | None, package: str) -> list[str]:
    written = "".join(one.arguments("") + one.returns for one in members)
    found = ["from contract.runtime.binding import Reply"] if "Reply[" in written else []
    found += [f"from {package} import models"] if "models." in written else []
    return found + ([f"from {context.rpartition('.')[0]} import {context.rpartition('.')[2]}"] if context else ["from typing import Any"])


def _head(resource: str, members: list[Handler], context: str | None, package: str) -> str:
    imports = "".join(f"{one}\n" for one in _imports(members, context, package))
    docstring = f'"""{resource.replace("_", " ").capitalize()} over HTTP. Contract: openapi/paths/{resource}.yaml."""'
    return f"{docstring}\n\nfrom __future__ import annotations\n\n{imports}"


def _stub(one: Handler, context: str | None) -> str:
    name = context.rpartition(".")[2] if context else "Any"
    summary = one.summary.replace("\\", "\\\\").replace('"', "'") or one.name
    return (
        f"\n\ndef {one.name}({one.arguments(name)}) -> {one.returns}:\n"
        f'    """{summary}."""\n'
        f'    raise NotImplementedError("{one.name} has no handler yet")\n'
    )
