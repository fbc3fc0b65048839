"""The generated package: the intended text of every file, written or compared."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contract.errors import ContractError
from contract.generate import model_schemas, models, stubs, writing
from contract.generate.formatting import format_modules
from contract.generate.model_schemas import ModelSchemas
from contract.generate.signatures import Handler, handlers, resources
from contract.openapi.document import Document, load
from contract.openapi.operations import operations
from contract.openapi.references import Json
from contract.project import Project

MODELS = "models.py"


@dataclass(frozen=True, slots=True)
class GeneratedPackage:
    """The output of `contract generate`: text by file, and for the report the constraints that models cannot express."""

    files: dict[Path, str]
    not_expressed: list[str]
    untyped: list[str]


def generate(project: Project) -> GeneratedPackage:
    """Everything that `contract generate` writes for a project. Raises ContractError if the project has no package."""
    if project.package is None:
        raise ContractError("There is no package in [tool.contract] to generate into")
    document = load(project.document)
    bundle = document.bundle
    schemas, source = _models(bundle, project.package / MODELS)
    all_handlers = handlers(bundle, schemas, project)
    names = [handler.name for handler in all_handlers]
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise ContractError(f"{project.document}: these operations have the same Python name: {', '.join(duplicates)}")
    name = project.package_name
    files = {
        project.package / "__init__.py": "",
        project.package / "py.typed": "",
        project.package / "bundle.json": bundle_text(bundle),
    }
    modules = {
        "routes.py": writing.routes(all_handlers, name),
        "problems.py": writing.problems(bundle),
    }
    if project.handlers:
        modules["handlers.py"] = writing.handler_checks(all_handlers, name, project.handlers)
        files |= dict(_stubs(project, document, all_handlers))
    files |= {project.package / name: text for name, text in format_modules(modules).items()}
    files[project.package / MODELS] = source
    return GeneratedPackage(files, schemas.not_expressed, schemas.untyped)


def _models(bundle: Json, path: Path) -> tuple[ModelSchemas, str]:
    """The model schemas and the module of the models, which is generated only if it is out of date.

    Models whose names Python reserves get a number.
    """
    schemas = model_schemas.derive_models(bundle)
    current = _current_text(path)
    if current is not None and models.is_current(current, schemas):
        return schemas, current
    try:
        source = models.write(schemas)
    except models.NameTakenError as error:
        schemas = model_schemas.derive_models(bundle, error.names)
        source = models.write(schemas)
    return schemas, models.stamped(format_modules({MODELS: source})[MODELS], schemas)


def _stubs(project: Project, document: Document, all_handlers: list[Handler]) -> Iterator[tuple[Path, str]]:
    """The handler modules that lack a handler, completed, and the `__init__.py` of a new package for them."""
    files = {operation.id: document.location(operation.pointer).file for operation in operations(document.bundle)}
    folder = _handlers_folder(project)
    if not folder.exists():
        yield folder / "__init__.py", ""
    for resource, members in resources(all_handlers).items():
        source = os.path.relpath(files[members[0].id], project.root)
        text = stubs.complete(folder / f"{resource}.py", members, project, source)
        if text is not None:
            yield folder / f"{resource}.py", text


def bundle_text(bundle: Json) -> str:
    """The bundle as it is stored and served."""
    return json.dumps(bundle, indent=1, ensure_ascii=False) + "\n"


def drift(generated: GeneratedPackage) -> Iterator[str]:
    """A unified diff for each file that is out of date."""
    for path, text in generated.files.items():
        current = _current_text(path)
        if current is None or current != text:
            yield (
                "".join(
                    difflib.unified_diff(
                        (current or "").splitlines(keepends=True), text.splitlines(keepends=True), str(path), "generated", n=1
                    )
                )
                or f"{path} is missing\n"
            )


def write(generated: GeneratedPackage) -> list[Path]:
    """Write the changed files and return them. Files that are up to date are not touched, so that their times stay."""
    changed = [path for path, text in generated.files.items() if _current_text(path) != text]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(generated.files[path].encode())
    return changed


def _current_text(path: Path) -> str | None:
    """The current text of a file, byte for byte; None if it does not exist."""
    return path.read_bytes().decode(errors="replace") if path.exists() else None


def _handlers_folder(project: Project) -> Path:
    """The folder of the handler modules: below `src` or the root, wherever the package is."""
    relative = Path(*str(project.handlers).split("."))
    for base in (project.root / "src", project.root):
        if (base / relative).is_dir():
            return base / relative
    source = project.root / "src"
    has_source = source.is_dir() or (project.package is not None and project.package.is_relative_to(source))
    return (source if has_source else project.root) / relative
