"""How the document's files are written: line length, YAML anchors, and regular expressions that are written more than once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from contract.lint.lint_context import Contract
from contract.lint.registry import Spot, rule
from contract.lint.syntax_tree import from_yaml, nodes
from contract.openapi.locations import Location, label

ANCHOR = re.compile(r"(^|[\s\[{,:-])&\w", re.MULTILINE)  # where none matches, the file need not be parsed
COMPONENT = re.compile("/components/schemas/[^/]+")


@rule
def line_is_short(contract: Contract) -> Iterator[Spot]:
    """A line is not longer than the document allows.

    lint.yaml: `line_length` is the number of characters; 0, the default, sets no limit.
    """
    longest = contract.settings.line_length
    for file, text in _texts(contract) if longest else ():
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > longest:
                yield Spot(Location(label(file), number, longest + 1), f"{len(line)} characters, {longest} are allowed")


@rule
def references_replace_anchors(contract: Contract) -> Iterator[Spot]:
    """A part that is used more than once is a component and a `$ref`, not a YAML anchor.

    An anchor ends with its file, has no name in the bundle, and is unknown to JSON. lint.yaml: `allows_anchors: false` asks for this.
    """
    for file, text in _texts(contract) if not contract.settings.allows_anchors else ():
        if file.suffix == ".json" or not ANCHOR.search(text):
            continue
        for node in nodes(from_yaml(text)):
            if node.anchor:
                yield Spot(Location(label(file), *node.position), f"&{node.anchor}")


def _texts(contract: Contract) -> Iterator[tuple[Path, str]]:
    return ((file, file.read_text("utf-8-sig")) for file in contract.document.files)


@rule
def pattern_is_written_once(contract: Contract) -> Iterator[Spot]:
    """A regular expression is written once; other schemas refer to the schema that has it.

    A component's is taken for the first. lint.yaml: `repeated_pattern_length` is the length from which a repeated pattern is reported.
    """
    first: dict[str, str] = {}
    for schema in sorted(contract.schemas, key=lambda schema: not COMPONENT.fullmatch(schema.pointer)):
        pattern = schema.value.get("pattern", "")
        if len(pattern) < contract.settings.repeated_pattern_length or not pattern:
            continue
        pointer = first.setdefault(pattern, schema.pointer)
        if pointer != schema.pointer:
            yield Spot(f"{schema.pointer}/pattern", f"also at {contract.document.location(f'{pointer}/pattern')}")
