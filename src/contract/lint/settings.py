"""`lint.yaml` beside the document: what the house rules ask for here, and which findings are accepted for which reason."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from contract.errors import ContractError
from contract.openapi.locations import Location, label
from contract.openapi.sources import Sources

Reason = Annotated[str, Meta(min_length=10)]
FILE = "lint.yaml"


class Suppression(Struct, frozen=True, forbid_unknown_fields=True):
    """Findings of one rule at and below a JSON pointer of the bundle, or in a file, that are accepted."""

    rule: str
    at: str
    reason: Reason


class Statuses(Struct, frozen=True, forbid_unknown_fields=True):
    """The statuses an operation documents, by what it has. `keyed` is every security but a session cookie."""

    every: tuple[int, ...] = (500,)
    secured: tuple[int, ...] = (401,)
    keyed: tuple[int, ...] = (403, 429)
    parameters: tuple[int, ...] = (400,)
    path_parameter: tuple[int, ...] = (404,)
    body: tuple[int, ...] = (400, 413, 415)
    create: tuple[int, ...] = ()
    idempotent: tuple[int, ...] = (409,)


class SchemaWords(Struct, frozen=True, forbid_unknown_fields=True):
    """The word that the name of a body has after its noun, by what the body is of; an empty one asks nothing."""

    create: str = ""
    update: str = ""
    list: str = ""
    delete: str = ""
    response: str = ""
    webhook: str = ""


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; every field has a default that fits most documents."""

    off: dict[str, Reason] = {}
    suppress: tuple[Suppression, ...] = ()
    statuses: Statuses = Statuses()
    error_schema: str = ""
    error_codes: str = ""
    code_property: str = "code"
    pagination: tuple[tuple[str, ...], ...] = (("page", "limit"), ("page", "per_page"), ("offset", "limit"), ("cursor", "limit"))
    idempotency_header: str = "Idempotency-Key"
    rate_limit_headers: tuple[str, ...] = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    retry_after: tuple[int, ...] = (429, 503)
    schema_endings: tuple[str, ...] = ("Request", "DTO", "Dto", "Data", "Info")
    line_length: int = 0
    allows_anchors: bool = True
    repeated_pattern_length: int = 40
    schema_words: SchemaWords = SchemaWords()
    filler: tuple[str, ...] = ("string", "foo", "bar", "baz", "foobar", "sample", "placeholder", "todo", "xxx", "asdf", "example", "lorem")


def read(document: Path, rules: set[str]) -> Settings:
    """The settings beside a document, or the defaults. Raises ContractError for what is unknown there, with its place."""
    path = document.parent / FILE
    if not path.is_file():
        return Settings()
    sources = Sources()
    written = sources.value(path) or {}
    try:
        settings = msgspec.convert(written, Settings)
    except msgspec.ValidationError as error:
        raise ContractError(f"{label(path)}: {error}") from error
    for rule, place in _named(settings, sources, written, path):
        if rule not in rules:
            raise ContractError(f"{place}: there is no rule {rule!r}, `contract lint --rules` lists them")
    return settings


def suppression_places(document: Path) -> list[Location]:
    """Where each suppression beside a document is written."""
    path = document.parent / FILE
    sources = Sources()
    entries = sources.value(path)["suppress"]
    return [Location(*mark) for mark in sources.marks.of(entries).values()]


def _named(settings: Settings, sources: Sources, written: dict[str, Any], path: Path) -> list[tuple[str, Location]]:
    """Every rule the file names, with the place of its name."""
    off = [(rule, Location(*sources.mark(written["off"], rule, path))) for rule in settings.off]
    suppressed = [
        (one.rule, Location(*sources.mark(entry, "rule", path)))
        for one, entry in zip(settings.suppress, written.get("suppress", []), strict=True)
    ]
    return off + suppressed
