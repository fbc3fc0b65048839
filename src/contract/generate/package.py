"""The generated package as a whole: file by file what should be there, written or compared."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contract.errors import ContractError
from contract.generate import model_schemas, models, stubs, writing
from contract.generate.formatting import formatted
from contract.generate.model_schemas import Carried
from contract.generate.signatures import Handler, handlers, resources
from contract.openapi.document import Document, load
from contract.openapi.operations import Json, operations
from contract.project import Project

MODELS = "models.py"


@dataclass(frozen=True, slots=True)
class Generated:
    """What a document generates: text by file, and what the models could not carry, for the command's report."""

    files: dict[Path, str]
    left_out: list[str]
    plain: list[str]


def generate(project: Project) -> Generated:
    """Everything that `contract generate` writes for a project. Raises ContractError when the project has no package."""
    if project.package is None:
        raise ContractError("There is no package in [tool.contract] to generate into")
    document = load(project.document)
    bundle = document.bundle
    carried, source = _modelled(bundle, project.package / MODELS)
    found = handlers(bundle, carried, project)
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ContractError(f"{project.document}: these operations have the same Python name: {', '.join(twice)}")
    name = project.package_name
    files = {
        project.package / "__init__.py": "",
        project.package / "py.typed": "",
        project.package / "bundle.json": dumps(bundle),
    }
    modules = {
        "routes.py": writing.routes(found, name),
        "problems.py": writing.problems(bundle),
    }
    if project.handlers:
        modules["handlers.py"] = writing.proof(found, name, project.handlers)
        files |= dict(_stubs(project, document, found))
    files |= {project.package / name: text for name, text in formatted(modules).items()}
    files[project.package / MODELS] = source
    return Generated(files, carried.left_out, carried.plain)


def _modelled(bundle: Json, path: Path) -> tuple[Carried, str]:
    """The carrying schemas and the module of their models, which is made only when it is not there just so already.

    Names that Python needs itself are given another number.
    """
    carried = model_schemas.carry(bundle)
    present = _present(path)
    if present is not None and models.is_current(present, carried):
        return carried, present
    try:
        source = models.write(carried)
    except models.TakenError as taken:
        carried = model_schemas.carry(bundle, taken.names)
        source = models.write(carried)
    return carried, models.stamped(formatted({MODELS: source})[MODELS], carried)


def _stubs(project: Project, document: Document, found: list[Handler]) -> Iterator[tuple[Path, str]]:
    """The handler modules that lack a handler, completed, and the `__init__.py` of a new package for them."""
    places = {one.id: document.location(one.pointer).file for one in operations(document.bundle)}
    folder = _folder(project)
    if not folder.exists():
        yield folder / "__init__.py", ""
    for resource, members in resources(found).items():
        source = os.path.relpath(places[members[0].id], project.root)
        text = stubs.completed(folder / f"{resource}.py", members, project, source)
        if text is not None:
            yield folder / f"{resource}.py", text


def dumps(bundle: Json) -> str:
    """The bundle's one form on disk and on the wire."""
    return json.dumps(bundle, indent=1, ensure_ascii=False) + "\n"


def drift(generated: Generated) -> Iterator[str]:
    """A unified diff for each file that is not what it should be."""
    for path, text in generated.files.items():
        present = _present(path)
        if present is None or present != text:
            yield (
                "".join(
                    difflib.unified_diff(
                        (present or "").splitlines(keepends=True), text.splitlines(keepends=True), str(path), "generated", n=1
                    )
                )
                or f"{path} is missing\n"
            )


def write(generated: Generated) -> list[Path]:
    """Write what changed; returns it. Files that are right are not touched, so their times stay."""
    changed = [path for path, text in generated.files.items() if _present(path) != text]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(generated.files[path].encode())
    return changed


def _present(path: Path) -> str | None:
    """What a file holds now, byte for byte, None where there is none."""
    return path.read_bytes().decode(errors="replace") if path.exists() else None


def _folder(project: Project) -> Path:
    """Where the handler modules are: below `src` or the root, wherever the package is."""
    relative = Path(*str(project.handlers).split("."))
    for base in (project.root / "src", project.root):
        if (base / relative).is_dir():
            return base / relative
    source = project.root / "src"
    has_source = source.is_dir() or (project.package is not None and project.package.is_relative_to(source))
    return (source if has_source else project.root) / relative
