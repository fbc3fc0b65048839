"""`lint.yaml` beside the document: settings of the rules, and findings that are accepted for a reason."""

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


class LintSuppression(Struct, frozen=True, forbid_unknown_fields=True):
    """Accepted findings of one rule, at and below a JSON pointer of the bundle or in a file."""

    rule: str
    at: str
    reason: Reason


class Statuses(Struct, frozen=True, forbid_unknown_fields=True):
    """The statuses that an operation must document, by its properties. `keyed` means secured by more than a session cookie."""

    every: tuple[int, ...] = (500,)
    secured: tuple[int, ...] = (401,)
    keyed: tuple[int, ...] = (403, 429)
    parameters: tuple[int, ...] = (400,)
    path_parameter: tuple[int, ...] = (404,)
    body: tuple[int, ...] = (400, 413, 415)
    create: tuple[int, ...] = ()
    idempotent: tuple[int, ...] = (409,)


class SchemaWords(Struct, frozen=True, forbid_unknown_fields=True):
    """The word after the noun in the name of a body, by use; with an empty word the rule does not check that use."""

    create: str = ""
    update: str = ""
    list: str = ""
    delete: str = ""
    response: str = ""
    webhook: str = ""


class LintSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. The defaults fit most documents."""

    off: dict[str, Reason] = {}
    suppress: tuple[LintSuppression, ...] = ()
    statuses: Statuses = Statuses()
    error_schema: str = ""
    error_codes: str = ""
    code_property: str = ""
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


def read(document: Path, rules: set[str]) -> LintSettings:
    """The settings beside a document, or the defaults. Raises ContractError with the location of an unknown field or rule."""
    path = document.parent / FILE
    if not path.is_file():
        return LintSettings()
    sources = Sources()
    content = sources.value(path) or {}
    try:
        settings = msgspec.convert(content, LintSettings)
    except msgspec.ValidationError as error:
        raise ContractError(f"{label(path)}: {error}") from error
    for rule, location in _rule_names(settings, sources, content, path):
        if rule not in rules:
            raise ContractError(f"{location}: there is no rule {rule!r}, `contract lint --rules` lists them")
    return settings


def suppression_locations(document: Path) -> list[Location]:
    """The location of each suppression beside a document."""
    path = document.parent / FILE
    sources = Sources()
    entries = sources.value(path)["suppress"]
    return [Location(*mark) for mark in sources.marks.of(entries).values()]


def _rule_names(settings: LintSettings, sources: Sources, content: dict[str, Any], path: Path) -> list[tuple[str, Location]]:
    """Every rule that the file names, with its location."""
    off = [(rule, Location(*sources.mark(content["off"], rule, path))) for rule in settings.off]
    suppressed = [
        (suppression.rule, Location(*sources.mark(entry, "rule", path)))
        for suppression, entry in zip(settings.suppress, content.get("suppress", []), strict=True)
    ]
    return off + suppressed
