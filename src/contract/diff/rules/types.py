"""Types, formats and null: what a schema accepts at all, compared as sets."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from contract.diff.equality import ANNOTATIONS
from contract.diff.nodes import Node
from contract.diff.rules.comparison import Visit

WIDER_FORMATS = {
    ("number", "float"): {"double"},
    ("integer", "int32"): {"int64", "bigint"},
    ("integer", "int64"): {"bigint"},
    ("string", "date"): {"date-time"},
    ("string", "time"): {"date-time"},
}
TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}
SCALARS = {"string", "number", "integer", "boolean"}
ARRAY_WORDS = {"type", "items", "uniqueItems", "default"} | ANNOTATIONS


@dataclass(frozen=True, slots=True)
class Kind:
    """The types a schema names (none: any), without null; and its format."""

    types: frozenset[str]
    format: str | None
    nullable: bool

    @override
    def __str__(self) -> str:
        named = "/".join(sorted(self.types)) or "any type"
        return f"{named} ({self.format})" if self.format else named

    def holds(self, other: Kind) -> bool:
        """Whether it accepts what the other accepts."""
        types = not self.types or (bool(other.types) and all(self._has(one) for one in other.types))
        return types and (self.format in {None, other.format} or self._wider_format(other))

    def _has(self, name: str) -> bool:
        return name in self.types or (name == "integer" and "number" in self.types)

    def _wider_format(self, other: Kind) -> bool:
        return any(self.format in WIDER_FORMATS.get((name, other.format or ""), ()) for name in other.types)

    @property
    def is_plain_string(self) -> bool:
        """Whether any text fits."""
        return "string" in self.types and self.format is None


def kind(node: Node) -> Kind:
    """What a schema says of types itself, not counting its alternatives."""
    names = _names(node)
    nullable = "null" in names or (node.side.is_30 and node.flag("nullable"))
    if names == {"null"}:
        return Kind(frozenset(names), node.text("format") or None, nullable=False)
    return Kind(frozenset(names - {"null"}), node.text("format") or None, nullable)


def _names(node: Node) -> set[str]:
    """The types as written, or those of the values where a schema only lists values."""
    written = node.get("type")
    if written is not None:
        return {written} if isinstance(written, str) else set(node.words("type"))
    listed = node.get("enum")
    return {TYPES[type(value)] for value in listed} if isinstance(listed, list) else set()


def nullability(visit: Visit, inner: tuple[Node | None, Node | None] = (None, None)) -> None:
    """Null is one type more, but has ids of its own. `inner` is what a side is wrapped around."""
    before, after = kind(visit.base), kind(visit.revision)
    was, became = (one.nullable or (node is not None and kind(node).nullable) for one, node in zip((before, after), inner, strict=True))
    if was != became and (any(inner) or bool(before.types) == bool(after.types)):
        visit.report("became-nullable" if became else "became-not-nullable", "type")


def types(visit: Visit) -> None:
    """Types and formats: wider, narrower, readable all the same, or different."""
    before, after = kind(visit.base), kind(visit.revision)
    if (before.types, before.format) == (after.types, after.format):
        return
    shown = (before, after)
    for stem in _stems(visit, before, after):
        if visit.report(stem, "type", shown):
            return


def _stems(visit: Visit, before: Kind, after: Kind) -> tuple[str, ...]:
    """The names of the change, the most exact first; the area may not have it."""
    if not visit.area.is_request:
        return _of_answer(visit, before, after)
    if after.holds(before):
        return ("type-generalized",)
    if visit.area.is_text and (_reads_as_text(visit, before, after) or _repeats(visit, before)):
        return ("type-compatible", "type-generalized")
    return ("type-specialized", "type-changed") if before.holds(after) and visit.spot.is_nested else ("type-changed",)


def _of_answer(visit: Visit, before: Kind, after: Kind) -> tuple[str, ...]:
    if not after.types:
        return ("type-changed",)
    if before.holds(after):
        return ("type-specialized",)
    if visit.area.is_text and before.is_plain_string:
        return ("type-compatible",)
    return ("type-generalized",) if after.holds(before) else ("type-changed",)


def _reads_as_text(visit: Visit, before: Kind, after: Kind) -> bool:
    """Whether a string takes what was written before. A list in a parameter is more than one value."""
    return after.is_plain_string and (before.types <= SCALARS or visit.area.part != "request-parameter")


def _repeats(visit: Visit, before: Kind) -> bool:
    """Whether a query parameter of one value became a list that one value still is: `?a=1` is a list of one."""
    if not visit.area.is_repeated or visit.spot.is_nested or not before.types <= SCALARS:
        return False
    items = visit.revision.child("items")
    if kind(visit.revision).types != {"array"} or visit.revision.value.keys() - ARRAY_WORDS:
        return False
    if items is None:
        return True
    return not items.value.keys() - {"type", *ANNOTATIONS} and (kind(items).is_plain_string or kind(items).holds(before))


def listed(node: Node) -> set[str] | None:
    """The types of a schema that is nothing but a list of types: `anyOf` or `oneOf` of bare types, or `type` alone. Null counts."""
    for keyword in ("anyOf", "oneOf"):
        branches = node.listed(keyword)
        if branches and not node.value.keys() - {keyword, *ANNOTATIONS}:
            found = [_bare(branch) for branch in branches]
            return {name for names in found for name in names} if all(found) else None
    return _bare(node) or None


def _bare(node: Node) -> set[str]:
    if node.value.keys() - {"type", *ANNOTATIONS}:
        return set()
    written = node.get("type")
    return {written} if isinstance(written, str) else set(node.words("type"))


def list_of_types(visit: Visit) -> bool:
    """Compare two lists of types, at least one of them written as alternatives; False where that is not what is there."""
    if not any(key in node.value for node in (visit.base, visit.revision) for key in ("anyOf", "oneOf")):
        return False
    before, after = listed(visit.base), listed(visit.revision)
    if before is None or after is None:
        return False
    key = "anyOf" if "anyOf" in visit.revision.value else "oneOf"
    if after - before:
        visit.report("list-of-types-widened", key, (sorted(before), sorted(after)))
    if before - after:
        visit.report("list-of-types-narrowed", key, (sorted(before), sorted(after)))
    return True
