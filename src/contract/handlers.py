"""Which operations a project has handlers for, read from its source, and the project's WSGI application, imported."""

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


def handlers_folder(project: Project) -> Path | None:
    """The folder of the project's handlers package, None without one. Adds the project's root to `sys.path`."""
    if project.handlers is None:
        return None
    if str(project.root) not in sys.path:
        sys.path.insert(0, str(project.root))
    try:
        spec = importlib.util.find_spec(project.handlers)
    except ImportError:
        return None
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None


def implemented(package: Path) -> set[str]:
    """The names of the package's handlers that are not stubs. A module that does not parse has none."""
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
    """Whether the function only raises NotImplementedError, as `contract generate` writes it."""
    last = function.body[-1]
    raised = last.exc if isinstance(last, ast.Raise) else None
    name = raised.func if isinstance(raised, ast.Call) else raised
    is_short = len(function.body) == 1 or (len(function.body) == 2 and ast.get_docstring(function) is not None)  # noqa: PLR2004 - docstring and raise
    return is_short and isinstance(name, ast.Name) and name.id == "NotImplementedError"


def load_application(name: str) -> Wsgi:
    """The WSGI application that `module:name` names or creates. Raises ContractError with the reason if it cannot be loaded."""
    module, _, attribute = name.partition(":")
    try:
        target = getattr(importlib.import_module(module), attribute)
        application = target() if inspect.isfunction(target) or inspect.isclass(target) else target
    except Exception as error:
        raise ContractError(f"{name} cannot be used: {type(error).__name__}: {error}") from error
    return cast("Wsgi", application)
