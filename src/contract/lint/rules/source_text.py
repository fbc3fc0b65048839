"""Rules for the files of a document: line length, YAML anchors and repeated regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from contract.lint.lint_context import LintContext
from contract.lint.registry import RuleViolation, rule
from contract.lint.syntax_tree import from_yaml, nodes
from contract.openapi.locations import Location, label

ANCHOR = re.compile(r"(^|[\s\[{,:-])&\w", re.MULTILINE)  # without a match the file need not be parsed
COMPONENT = re.compile("/components/schemas/[^/]+")


@rule
def line_is_short(context: LintContext) -> Iterator[RuleViolation]:
    """A line is not longer than the document allows.

    lint.yaml: `line_length` is the number of characters; 0, the default, sets no limit.
    """
    limit = context.settings.line_length
    for file, text in _texts(context) if limit else ():
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > limit:
                yield RuleViolation(Location(label(file), number, limit + 1), f"{len(line)} characters, {limit} are allowed")


@rule
def references_replace_anchors(context: LintContext) -> Iterator[RuleViolation]:
    """A part that is used more than once is a component with references to it, not a YAML anchor.

    An anchor is local to its file, has no name in the bundle, and does not exist in JSON. lint.yaml: `allows_anchors: false` enables the
    rule.
    """
    for file, text in _texts(context) if not context.settings.allows_anchors else ():
        if file.suffix == ".json" or not ANCHOR.search(text):
            continue
        for node in nodes(from_yaml(text)):
            if node.anchor:
                yield RuleViolation(Location(label(file), *node.position), f"&{node.anchor}")


def _texts(context: LintContext) -> Iterator[tuple[Path, str]]:
    return ((file, file.read_text("utf-8-sig")) for file in context.document.files)


@rule
def pattern_is_written_once(context: LintContext) -> Iterator[RuleViolation]:
    """A regular expression is written once; other schemas refer to the schema that has it.

    The pattern of a component counts as the first. lint.yaml: repeated patterns of `repeated_pattern_length` characters or more are
    reported.
    """
    first: dict[str, str] = {}
    for schema in sorted(context.schemas, key=lambda schema: not COMPONENT.fullmatch(schema.pointer)):
        pattern = schema.value.get("pattern", "")
        if len(pattern) < context.settings.repeated_pattern_length or not pattern:
            continue
        pointer = first.setdefault(pattern, schema.pointer)
        if pointer != schema.pointer:
            yield RuleViolation(f"{schema.pointer}/pattern", f"also at {context.document.location(f'{pointer}/pattern')}")
