"""Stubs for operations without a handler. They are appended to their module; existing bytes never change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from contract.errors import ContractError
from contract.generate.signatures import Handler
from contract.generate.writing import context_imports, docstring
from contract.openapi.locations import label
from contract.project import Project

STUB_LINE_LENGTH = 88  # formatters leave lines of this length as they are
LINE_ENDINGS = ("\r\n", "\n")


def complete(path: Path, members: list[Handler], project: Project, source: str) -> str | None:
    """The module's text with a stub for each missing handler; None if none is missing. `source` is the contract file of the resource.

    Raises ContractError for a module that does not parse.
    """
    package = project.package_name
    text = _text(path)
    tree = _tree(path, text or "")
    bound_names = set(_bound_names(tree.body))
    missing = [handler for handler in members if handler.name not in bound_names]
    if not missing:
        return None
    stubs = "".join(_stub(handler) for handler in missing)
    if text is None:
        return _head(missing, package, source) + stubs
    line_ending = next((candidate for candidate in LINE_ENDINGS if candidate in text), "\n")
    imports = [handler for handler in _imports(missing, package) if handler.rpartition(" ")[2] not in bound_names]
    completed = _with_imports(text, tree, [f"{handler}{line_ending}" for handler in imports])
    return completed + ("" if completed.endswith("\n") or not completed else line_ending) + stubs.replace("\n", line_ending)


def _text(path: Path) -> str | None:
    """The module with its line endings; None if it does not exist."""
    try:
        return path.read_bytes().decode() if path.exists() else None
    except UnicodeDecodeError as error:
        raise ContractError(f"{label(path)}:1:1: this handler module is not UTF-8") from error


def _tree(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text.encode())
    except SyntaxError as error:
        location = f"{label(path)}:{error.lineno or 1}:{error.offset or 1}"
        raise ContractError(f"{location}: this handler module does not parse: {error.msg}") from error
    except ValueError as error:
        raise ContractError(f"{label(path)}:1:1: this handler module does not parse: {error}") from error


def _bound_names(body: list[ast.stmt]) -> Iterator[str]:
    """The names that a module binds, in branches as well."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign():
                yield from (name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.ImportFrom() | ast.Import():
                yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
            case ast.If() | ast.Try() | ast.With():
                yield from _bound_names([statement for statement in ast.iter_child_nodes(node) if isinstance(statement, ast.stmt)])
            case _:
                pass


def _with_imports(text: str, tree: ast.Module, imports: list[str]) -> str:
    """The text with import lines added after its last import. The rest keeps its bytes."""
    if not imports:
        return text
    anchors = [node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    first_line = tree.body[0].end_lineno or 0 if tree.body and ast.get_docstring(tree, clean=False) is not None else 0
    line = max(anchors, default=first_line)
    lines = text.split("\n")
    before = "\n".join(lines[:line]) + ("\n" if line else "")
    if line == len(lines) and line:  # the import is the last line, without an end
        return f"{text}{'' if text.endswith(chr(10)) else imports[0][len(imports[0].rstrip()) :]}{''.join(imports)}"
    return before + "".join(imports) + "\n".join(lines[line:])


def _imports(members: list[Handler], package: str) -> list[str]:
    """The imports that the stubs need. Each line ends in the name that it binds."""
    annotations = " ".join(text for handler in members for text in (*handler.arguments(), handler.returns))
    imports = ["from collections.abc import Iterator"] if "Iterator[" in annotations else []
    imports += ["from typing import Any"] if any(handler.context is None for handler in members) or "Any]" in annotations else []
    imports += ["from contract.runtime.binding import HandlerResponse"] if "HandlerResponse[" in annotations else []
    imports += [f"from {package} import models"] if "models." in annotations else []
    return imports + context_imports(members)


def _head(members: list[Handler], package: str, source: str) -> str:
    """The beginning of a new module, with grouped imports."""
    lines = _imports(members, package)
    groups = [[line for line in lines if line.startswith(("from collections", "from typing"))]]
    groups.append([line for line in lines if line not in groups[0]])
    imports = "\n".join("".join(f"{line}\n" for line in group) for group in groups if group)
    title = docstring(f"{members[0].resource.replace('_', ' ').capitalize()} over HTTP. Contract: {source}")
    return f"{title}\n\nfrom __future__ import annotations\n\n{imports}"


def _stub(handler: Handler) -> str:
    return (
        f"\n\n{handler.definition('', '', STUB_LINE_LENGTH)}\n"
        f"    {docstring(handler.summary or handler.name)}\n"
        f'    raise NotImplementedError("{handler.name} has no handler yet")\n'
    )
