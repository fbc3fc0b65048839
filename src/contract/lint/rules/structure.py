"""How the parts hang together: components, links, files and lifetimes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract.lint.changes import Remove
from contract.lint.lint_context import Contract
from contract.lint.registry import Spot, rule
from contract.openapi.locations import Location, label
from contract.openapi.operations import Json, Operation, escape, lookup
from contract.openapi.shape import SECTIONS, Node

ENDINGS = ("yaml", "yml", "json")


@rule
def component_is_used(contract: Contract) -> Iterator[Spot]:
    """A component is used by some operation or webhook, directly or through others."""
    components: Json = contract.bundle.get("components", {})
    used = _used(contract)
    for section in SECTIONS.values():
        for name in components.get(section, {}):
            pointer = f"/components/{section}/{escape(name)}"
            if pointer not in used:
                yield Spot(pointer, name, (Remove(pointer),))


def _used(contract: Contract) -> set[str]:
    """Components reached from all that is not a component."""
    outside = {key: value for key, value in contract.bundle.items() if key != "components"}
    waiting = [*_references(outside), *_schemes(contract)]
    used: set[str] = set()
    while waiting:
        pointer = "/".join(waiting.pop().split("/")[:4])
        if pointer not in used:
            used.add(pointer)
            waiting += _references(contract.find(pointer))
    return used


def _references(value: Any) -> Iterator[str]:
    """Every local reference at or below a value, those in extensions and discriminators included."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            mapped = node.get("mapping")
            names = [node.get("$ref"), *(mapped.values() if isinstance(mapped, dict) else ())]
            yield from (name[1:] for name in names if isinstance(name, str) and name.startswith("#/"))
            yield from (f"/components/schemas/{name}" for name in names[1:] if isinstance(name, str) and "/" not in name)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _schemes(contract: Contract) -> Iterator[str]:
    for node in (contract.bundle, *(operation.node for operation in contract.operations)):
        for alternative in node.get("security", ()):
            yield from (f"/components/securitySchemes/{escape(name)}" for name in alternative)


@rule
def link_leads_somewhere(contract: Contract) -> Iterator[Spot]:
    """A link names an operation of the document and parameters that it has."""
    by_id = {operation.id: operation for operation in contract.operations}
    for node in contract.of("link"):
        if "operationId" in node.value:
            yield from _linked(node, by_id.get(node.value["operationId"]))
        elif node.value.get("operationRef", "").startswith("#"):
            yield from _referred(node, contract)


def _linked(link: Node, target: Operation | None) -> Iterator[Spot]:
    if target is None:
        yield Spot(f"{link.pointer}/operationId", link.value["operationId"])
        return
    known = {name for parameter in target.parameters for name in (parameter.name, f"{parameter.location}.{parameter.name}")}
    for name in link.value.get("parameters", {}):
        if name not in known:
            yield Spot(f"{link.pointer}/parameters/{escape(name)}", f"{target.id} has no parameter {name}")
    if "requestBody" in link.value and target.body is None:
        yield Spot(f"{link.pointer}/requestBody", f"{target.id} has no body")


def _referred(link: Node, contract: Contract) -> Iterator[Spot]:
    try:
        lookup(contract.bundle, link.value["operationRef"])
    except (KeyError, IndexError, ValueError, TypeError):
        yield Spot(f"{link.pointer}/operationRef", link.value["operationRef"])


@rule
def deprecated_operation_has_a_sunset(operation: Operation) -> Iterator[Spot]:
    """A deprecated operation has a date after which it is gone, x-sunset: YYYY-MM-DD."""
    if operation.deprecated and not _is_date(operation.extensions.get("x-sunset")):
        yield Spot(operation.pointer, operation.id)


def _is_date(value: object) -> bool:
    try:
        return bool(dt.date.fromisoformat(str(value)))
    except ValueError:
        return False


@rule
def read_only_is_for_post(operation: Operation) -> Iterator[Spot]:
    """Only a POST can need to be marked x-read-only; GET and HEAD are read-only, the others are not."""
    if operation.extensions.get("x-read-only") and operation.method != "post":
        where = f"{operation.pointer}/x-read-only"
        yield Spot(where, operation.id, (Remove(where),))


@rule
def rate_limit_class_exists(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """The class an operation names in x-rate-limit is in the document's x-rate-limits."""
    name = operation.extensions.get("x-rate-limit")
    if name is not None and name not in contract.bundle.get("x-rate-limits", {}):
        yield Spot(f"{operation.pointer}/x-rate-limit", str(name))


@rule
def siblings_exist(contract: Contract) -> Iterator[Spot]:
    """A resource has its files of one name in every folder: paths, schemas and handlers.

    Asked where `paths/` and `schemas/` lie beside the document; handlers are those of `[tool.contract]`.
    """
    home = contract.document.root.parent
    if not ((home / "paths").is_dir() and (home / "schemas").is_dir()):
        return
    folders: dict[Path, tuple[str, ...]] = {home / "paths": ENDINGS, home / "schemas": ENDINGS}
    handlers = _handlers(contract)
    if handlers:
        folders[handlers] = ("py",)
    found = {folder: _names(folder, endings) for folder, endings in folders.items()}
    for folder, names in found.items():
        for name in sorted(set().union(*found.values()) - set(names)):
            other = next(files[name] for files in found.values() if name in files)
            yield Spot(Location(label(other), 1, 1), f"{label(folder)} has no {name}.{folders[folder][0]}")


def _names(folder: Path, endings: tuple[str, ...]) -> dict[str, Path]:
    files = (path for ending in endings for path in folder.glob(f"*.{ending}"))
    return {path.stem: path for path in sorted(files) if not path.stem.startswith("_")}


def _handlers(contract: Contract) -> Path | None:
    """The folder of the handlers package, where the document is the project's own."""
    project = contract.project
    if not project.handlers or project.document.resolve() != contract.document.root:
        return None
    folders = (project.root / source / Path(*project.handlers.split(".")) for source in ("src", "."))
    return next((folder for folder in folders if folder.is_dir()), None)
