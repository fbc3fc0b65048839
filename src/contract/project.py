"""Where a project keeps its document, generated package and handlers: `[tool.contract]` of the nearest `pyproject.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from contract.errors import ContractError


@dataclass(frozen=True, slots=True)
class Project:
    """The settings, with paths made absolute. `root` is the folder of the `pyproject.toml` (the working folder where there is none)."""

    root: Path
    document: Path
    package: Path | None
    handlers: str | None
    context: str | None
    app: str | None  # `module:name` of the WSGI application, or of a function without arguments that makes it

    @property
    def package_name(self) -> str:
        """The generated package's import name, the last part of its path."""
        return self.package.name if self.package else "generated"


def find(start: Path | None = None) -> Project:
    """The project around `start` (default: the working folder). Raises ContractError for a table with unknown keys."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        table = _table(folder / "pyproject.toml")
        if table is not None:
            return _project(folder, table)
    return Project(here, here / "openapi" / "openapi.yaml", None, None, None, None)


def _table(path: Path) -> dict[str, str] | None:
    if not path.is_file():
        return None
    try:
        loaded = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{path}: {error}") from error
    found: dict[str, str] | None = loaded.get("tool", {}).get("contract")
    return found


def _project(root: Path, table: dict[str, str]) -> Project:
    unknown = set(table) - {"document", "package", "handlers", "context", "app"}
    if unknown:
        raise ContractError(f"{root / 'pyproject.toml'}: [tool.contract] does not know {', '.join(sorted(unknown))}")
    return Project(
        root=root,
        document=root / table.get("document", "openapi/openapi.yaml"),
        package=root / table["package"] if "package" in table else None,
        handlers=table.get("handlers"),
        context=table.get("context"),
        app=table.get("app"),
    )
