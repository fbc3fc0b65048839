"""Reading a document: files -> one bundle in OpenAPI 3.1 whose nodes keep their file, line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from contract.errors import ContractError
from contract.openapi import validity
from contract.openapi.bundler import bundle
from contract.openapi.locations import Location, Marks, label
from contract.openapi.references import Json, unescape
from contract.openapi.sources import Sources
from contract.openapi.upgrade import upgrade

VERSION = re.compile(r"3\.[01]\.\d+(-.+)?")


@dataclass(slots=True)
class Document:
    """A bundle (local references only) and the source location of each part of it.

    `version` is the document's own; `renamed` are the pointers of components whose name was taken.
    """

    root: Path
    bundle: Json
    files: list[Path]
    version: str
    renamed: list[str]
    marks: Marks = field(repr=False)

    def location(self, pointer: str) -> Location:
        """The source location of the node at a JSON pointer, or of the nearest enclosing node that has one."""
        parts = [unescape(part) for part in pointer.removeprefix("#").split("/")[1:]]
        marks = list(self.marks.trail(self.bundle, parts))
        return Location(*marks[-1]) if marks else Location(label(self.root), 1, 1)


def load(path: Path) -> Document:
    """A valid document, upgraded to 3.1. Raises ContractError("file:line:column: sentence") if it cannot be read or is not OpenAPI."""
    document = read(path)
    for pointer, sentence in validity.violations(document.bundle):
        raise ContractError(f"{document.location(pointer)}: {sentence}")
    return upgraded(document)


def read(path: Path) -> Document:
    """A bundled document, neither validated nor upgraded. Raises ContractError for files that cannot be read."""
    root = path.resolve()
    sources = Sources()
    _check_version(sources, root)
    bundled, renamed = bundle(sources, root)
    return Document(root, bundled, sources.files, str(bundled["openapi"]), renamed, sources.marks)


def upgraded(document: Document) -> Document:
    """The same document, with its bundle converted to 3.1 if it is 3.0."""
    if document.version.startswith("3.0"):
        upgrade(document.bundle, document.marks)
    return document


def _check_version(sources: Sources, root: Path) -> None:
    value = sources.value(root)
    if not isinstance(value, dict):
        raise ContractError(f"{label(root)}:1:1: an OpenAPI document is a mapping")
    version = value.get("openapi", value.get("swagger"))
    if version is None:
        raise ContractError(f"{label(root)}:1:1: the field 'openapi' is missing, so this is not an OpenAPI document")
    if not isinstance(version, str) or not VERSION.fullmatch(version) or "openapi" not in value:
        location = Location(*sources.mark(value, "openapi" if "openapi" in value else "swagger", root))
        raise ContractError(f"{location}: the version {version!r} is not supported, write a string such as '3.1.0' or '3.0.4'")
