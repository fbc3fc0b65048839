"""Which operations a project has handlers for, read without importing them, and its application, imported."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from contract.errors import ContractError
from contract.project import Project

if TYPE_CHECKING:  # the runtime takes a tenth of a second to import
    from contract.runtime.application import Wsgi


def folder(found: Project) -> Path | None:
    """Where the project's handlers package lies, None without one. From now on its modules are found from its root."""
    if found.handlers is None:
        return None
    if str(found.root) not in sys.path:
        sys.path.insert(0, str(found.root))
    try:
        spec = importlib.util.find_spec(found.handlers)
    except ImportError:
        return None
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None


def written(package: Path) -> set[str]:
    """The names of the package's handlers that are more than a stub. A module that does not parse has none."""
    return {name for module in package.glob("*.py") for name in _functions(module)}


def _functions(module: Path) -> Iterator[str]:
    try:
        tree = ast.parse(module.read_text())
    except (SyntaxError, UnicodeDecodeError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not _is_stub(node):
            yield node.name


def _is_stub(function: ast.FunctionDef) -> bool:
    """Whether it does nothing but raise NotImplementedError, as `contract generate` leaves it."""
    last = function.body[-1]
    raised = last.exc if isinstance(last, ast.Raise) else None
    name = raised.func if isinstance(raised, ast.Call) else raised
    plain = len(function.body) == 1 or (len(function.body) == 2 and ast.get_docstring(function) is not None)  # noqa: PLR2004 - docstring and raise
    return plain and isinstance(name, ast.Name) and name.id == "NotImplementedError"


def application(name: str) -> Wsgi:
    """The WSGI application that `module:name` names or makes. Raises ContractError with the reason when it cannot be had."""
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
        made = found() if inspect.isfunction(found) or inspect.isclass(found) else found
    except Exception as error:
        raise ContractError(f"{name} cannot be used: {type(error).__name__}: {error}") from error
    return cast("Wsgi", made)
