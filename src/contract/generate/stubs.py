"""Stubs for operations that have no handler yet: added to the end of their module, never touching a byte that is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from contract.errors import ContractError
from contract.generate.signatures import Handler
from contract.generate.writing import context_imports, docstring
from contract.openapi.locations import label
from contract.project import Project

SHORT_LINE = 88  # what formatters leave as it is, however long lines may be
NEW_LINES = ("\r\n", "\n")


def completed(path: Path, members: list[Handler], project: Project, source: str) -> str | None:
    """The module's text with a stub for each missing handler, None when none is missing. `source` is the file that describes them.

    Raises ContractError for a module that does not parse.
    """
    package = project.package_name
    text = _text(path)
    tree = _tree(path, text or "")
    names = set(_names(tree.body))
    missing = [one for one in members if one.name not in names]
    if not missing:
        return None
    stubs = "".join(_stub(one) for one in missing)
    if text is None:
        return _head(missing, package, source) + stubs
    ending = next((one for one in NEW_LINES if one in text), "\n")
    added = [one for one in _imports(missing, package) if one.rpartition(" ")[2] not in names]
    whole = _with_imports(text, tree, [f"{one}{ending}" for one in added])
    return whole + ("" if whole.endswith("\n") or not whole else ending) + stubs.replace("\n", ending)


def _text(path: Path) -> str | None:
    """The module with its line endings as they are, None where there is none."""
    try:
        return path.read_bytes().decode() if path.exists() else None
    except UnicodeDecodeError as error:
        raise ContractError(f"{label(path)}:1:1: this handler module is not UTF-8") from error


def _tree(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text.encode())
    except SyntaxError as error:
        place = f"{label(path)}:{error.lineno or 1}:{error.offset or 1}"
        raise ContractError(f"{place}: this handler module does not parse: {error.msg}") from error
    except ValueError as error:
        raise ContractError(f"{label(path)}:1:1: this handler module does not parse: {error}") from error


def _names(body: list[ast.stmt]) -> Iterator[str]:
    """What a module binds, in branches as well."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign():
                yield from (name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.ImportFrom() | ast.Import():
                yield from (one.asname or one.name.partition(".")[0] for one in node.names)
            case ast.If() | ast.Try() | ast.With():
                yield from _names([inner for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)])
            case _:
                pass


def _with_imports(text: str, tree: ast.Module, imports: list[str]) -> str:
    """The text with import lines added after its last import; what stands there keeps its bytes."""
    if not imports:
        return text
    anchors = [node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    begins = tree.body[0].end_lineno or 0 if tree.body and ast.get_docstring(tree, clean=False) is not None else 0
    line = max(anchors, default=begins)
    lines = text.split("\n")
    before = "\n".join(lines[:line]) + ("\n" if line else "")
    if line == len(lines) and line:  # the import is the last line, without an end
        return f"{text}{'' if text.endswith(chr(10)) else imports[0][len(imports[0].rstrip()) :]}{''.join(imports)}"
    return before + "".join(imports) + "\n".join(lines[line:])


def _imports(members: list[Handler], package: str) -> list[str]:
    """The imports that the stubs need; each ends in the one name it binds."""
    written = " ".join(text for one in members for text in (*one.arguments(), one.returns))
    found = ["from collections.abc import Iterator"] if "Iterator[" in written else []
    found += ["from typing import Any"] if any(one.context is None for one in members) or "Any]" in written else []
    found += ["from contract.runtime.binding import Reply"] if "Reply[" in written else []
    found += [f"from {package} import models"] if "models." in written else []
    return found + context_imports(members)


def _head(members: list[Handler], package: str, source: str) -> str:
    """The beginning of a new module, its imports grouped as formatters want them."""
    found = _imports(members, package)
    groups = [[one for one in found if one.startswith(("from collections", "from typing"))]]
    groups.append([one for one in found if one not in groups[0]])
    imports = "\n".join("".join(f"{one}\n" for one in group) for group in groups if group)
    title = docstring(f"{members[0].resource.replace('_', ' ').capitalize()} over HTTP. Contract: {source}")
    return f"{title}\n\nfrom __future__ import annotations\n\n{imports}"


def _stub(one: Handler) -> str:
    return (
        f"\n\n{one.definition('', '', SHORT_LINE)}\n"
        f"    {docstring(one.summary or one.name)}\n"
        f'    raise NotImplementedError("{one.name} has no handler yet")\n'
    )
