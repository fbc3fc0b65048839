"""Rules for structure: components, links, files and deprecation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from contract.lint.changes import Remove
from contract.lint.lint_context import LintContext
from contract.lint.registry import RuleViolation, rule
from contract.openapi.component_use import used_components
from contract.openapi.locations import Location, label
from contract.openapi.operations import Operation
from contract.openapi.references import Json, escape, lookup
from contract.openapi.shape import SECTIONS, Node

EXTENSIONS = ("yaml", "yml", "json")


@rule
def component_is_used(context: LintContext) -> Iterator[RuleViolation]:
    """A component is used by some operation or webhook, directly or through others."""
    components: Json = context.bundle.get("components", {})
    used = used_components(context.bundle)
    for section in SECTIONS.values():
        for name in components.get(section, {}):
            pointer = f"/components/{section}/{escape(name)}"
            if pointer not in used:
                yield RuleViolation(pointer, name, (Remove(pointer),))


@rule
def link_leads_somewhere(context: LintContext) -> Iterator[RuleViolation]:
    """A link names an operation of the document and parameters that it has."""
    by_id = {operation.id: operation for operation in context.operations}
    for node in context.nodes_of("link"):
        if "operationId" in node.value:
            yield from _check_operation_id(node, by_id.get(node.value["operationId"]))
        elif node.value.get("operationRef", "").startswith("#"):
            yield from _check_operation_ref(node, context)


def _check_operation_id(link: Node, target: Operation | None) -> Iterator[RuleViolation]:
    if target is None:
        yield RuleViolation(f"{link.pointer}/operationId", link.value["operationId"])
        return
    known = {name for parameter in target.parameters for name in (parameter.name, f"{parameter.location}.{parameter.name}")}
    for name in link.value.get("parameters", {}):
        if name not in known:
            yield RuleViolation(f"{link.pointer}/parameters/{escape(name)}", f"{target.id} has no parameter {name}")
    if "requestBody" in link.value and target.body is None:
        yield RuleViolation(f"{link.pointer}/requestBody", f"{target.id} has no body")


def _check_operation_ref(link: Node, context: LintContext) -> Iterator[RuleViolation]:
    try:
        lookup(context.bundle, link.value["operationRef"])
    except (KeyError, IndexError, ValueError, TypeError):
        yield RuleViolation(f"{link.pointer}/operationRef", link.value["operationRef"])


@rule
def deprecated_operation_has_a_sunset(operation: Operation) -> Iterator[RuleViolation]:
    """A deprecated operation has the date of its removal, x-sunset: YYYY-MM-DD."""
    if operation.deprecated and not _is_date(operation.extensions.get("x-sunset")):
        yield RuleViolation(operation.pointer, operation.id)


def _is_date(value: object) -> bool:
    try:
        return bool(dt.date.fromisoformat(str(value)))
    except ValueError:
        return False


@rule
def read_only_is_for_post(operation: Operation) -> Iterator[RuleViolation]:
    """Only a POST needs x-read-only: GET and HEAD are read-only, the others are not."""
    if operation.extensions.get("x-read-only") and operation.method != "post":
        pointer = f"{operation.pointer}/x-read-only"
        yield RuleViolation(pointer, operation.id, (Remove(pointer),))


@rule
def rate_limit_class_exists(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """The class in an operation's x-rate-limit is declared in the document's x-rate-limits."""
    name = operation.extensions.get("x-rate-limit")
    if name is not None and name not in context.bundle.get("x-rate-limits", {}):
        yield RuleViolation(f"{operation.pointer}/x-rate-limit", str(name))


@rule
def siblings_exist(context: LintContext) -> Iterator[RuleViolation]:
    """A resource has a file of the same name in every folder: paths, schemas and handlers.

    The rule applies if `paths/` and `schemas/` are beside the document; handlers are those of `[tool.contract]`.
    """
    parent = context.document.root.parent
    if not ((parent / "paths").is_dir() and (parent / "schemas").is_dir()):
        return
    folders: dict[Path, tuple[str, ...]] = {parent / "paths": EXTENSIONS, parent / "schemas": EXTENSIONS}
    handlers = _handlers_folder(context)
    if handlers:
        folders[handlers] = ("py",)
    names_by_folder = {folder: _names(folder, extensions) for folder, extensions in folders.items()}
    for folder, names in names_by_folder.items():
        for name in sorted(set().union(*names_by_folder.values()) - set(names)):
            existing = next(files[name] for files in names_by_folder.values() if name in files)
            yield RuleViolation(Location(label(existing), 1, 1), f"{label(folder)} has no {name}.{folders[folder][0]}")


def _names(folder: Path, extensions: tuple[str, ...]) -> dict[str, Path]:
    files = (path for extension in extensions for path in folder.glob(f"*.{extension}"))
    return {path.stem: path for path in sorted(files) if not path.stem.startswith("_")}


def _handlers_folder(context: LintContext) -> Path | None:
    """The folder of the handlers package, if the document is the project's."""
    project = context.project
    if not project.handlers or project.document.resolve() != context.document.root:
        return None
    folders = (project.root / source / Path(*project.handlers.split(".")) for source in ("src", "."))
    return next((folder for folder in folders if folder.is_dir()), None)
