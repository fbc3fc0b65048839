"""The project's settings: `[tool.contract]` of the nearest `pyproject.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.errors import ContractError
from contract.openapi.operations import Operation


@dataclass(frozen=True, slots=True)
class Project:
    """The settings with absolute paths. `root` is the folder of the `pyproject.toml`, or the working folder without one."""

    root: Path
    document: Path
    package: Path | None
    handlers: str | None
    context: str | None
    app: str | None  # `module:name` of the WSGI application, or of a function without arguments that creates it
    contexts: dict[str, str] = field(default_factory=dict)  # classes that replace `context`, see `context_of`

    @property
    def package_name(self) -> str:
        """The import name of the generated package: the last part of its path."""
        return self.package.name if self.package else "generated"

    def context_of(self, operation: Operation) -> str | None:
        """The context class that the handler of an operation gets, as `module.Class`.

        The keys of `contexts` are tried in order: `open` matches operations without a security requirement, any other key matches
        operations whose extension of that name is true.
        """
        for key, context in self.contexts.items():
            if not operation.security if key == "open" else operation.extensions.get(key):
                return context
        return self.context


def find(start: Path | None = None) -> Project:
    """The project around `start` (default: the working folder). Raises ContractError for a table with unknown keys."""
    start_folder = (start or Path.cwd()).resolve()
    for folder in (start_folder, *start_folder.parents):
        table = _table(folder / "pyproject.toml")
        if table is not None:
            return _project(folder, table)
    return Project(start_folder, start_folder / "openapi" / "openapi.yaml", None, None, None, None)


def _table(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        parsed = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{path}: {error}") from error
    settings: dict[str, Any] | None = parsed.get("tool", {}).get("contract")
    return settings


def _project(root: Path, table: dict[str, Any]) -> Project:
    unknown = set(table) - {"document", "package", "handlers", "context", "contexts", "app"}
    if unknown:
        raise ContractError(f"{root / 'pyproject.toml'}: unknown settings in [tool.contract]: {', '.join(sorted(unknown))}")
    return Project(
        root=root,
        document=root / table.get("document", "openapi/openapi.yaml"),
        package=root / table["package"] if "package" in table else None,
        handlers=table.get("handlers"),
        context=table.get("context"),
        app=table.get("app"),
        contexts=table.get("contexts", {}),
    )
