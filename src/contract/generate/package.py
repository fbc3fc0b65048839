"""The generated package as a whole: file by file what should be there, written or compared."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contract.document import load
from contract.errors import ContractError
from contract.generate import carrying, models, stubs, writing
from contract.generate.signatures import handlers, resources
from contract.operations import Json
from contract.project import Project


@dataclass(frozen=True, slots=True)
class Generated:
    """What a document generates: text by file, and what the models could not carry, for the command's report."""

    files: dict[Path, str]
    left_out: list[str]
    plain_unions: list[str]


def generate(project: Project) -> Generated:
    """Everything that `contract generate` writes for a project. Raises ContractError when the project has no package."""
    if project.package is None:
        raise ContractError("There is no package in [tool.contract] to generate into")
    bundle = load(project.document).bundle
    carried = carrying.carry(bundle)
    found = handlers(bundle, carried)
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ContractError(f"{project.document}: these operations have the same Python name: {', '.join(twice)}")
    name = project.package_name
    files = {
        project.package / "__init__.py": "",
        project.package / "py.typed": "",
        project.package / "bundle.json": dumps(bundle),
        project.package / "models.py": models.write(bundle, carried),
        project.package / "routes.py": writing.routes(found, project.context, name),
        project.package / "problems.py": writing.problems(bundle),
    }
    if project.handlers:
        files[project.package / "handlers.py"] = writing.proof(found, name, project.handlers)
        for resource, members in resources(found).items():
            path = _module_path(project, resource)
            text = stubs.completed(path, members, project.context, name)
            if text is not None:
                files[path] = text
    return Generated(files, carried.left_out, list(carrying.unions(carried)))


def dumps(bundle: Json) -> str:
    """The bundle's one form on disk and on the wire."""
    return json.dumps(bundle, indent=1, ensure_ascii=False) + "\n"


def drift(generated: Generated) -> Iterator[str]:
    """A unified diff for each file that is not what it should be."""
    for path, text in generated.files.items():
        present = path.read_text() if path.exists() else ""
        if present != text or not path.exists():
            yield (
                "".join(
                    difflib.unified_diff(present.splitlines(keepends=True), text.splitlines(keepends=True), str(path), "generated", n=1)
                )
                or f"{path} is missing\n"
            )


def write(generated: Generated) -> list[Path]:
    """Write what changed; returns it. Files that are right are not touched, so their times stay."""
    changed = [path for path, text in generated.files.items() if not path.exists() or path.read_text() != text]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generated.files[path])
    return changed


def _module_path(project: Project, resource: str) -> Path:
    """The handler module's file: below `src` or the root, wherever the package is."""
    relative = Path(*str(project.handlers).split("."))
    for base in (project.root / "src", project.root):
        if (base / relative).is_dir():
            return base / relative / f"{resource}.py"
    return project.root / "src" / relative / f"{resource}.py"
