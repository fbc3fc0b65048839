"""Types, formats and null: the values that a schema accepts, compared as sets."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from contract.diff.equality import ANNOTATIONS
from contract.diff.nodes import DiffNode
from contract.diff.rules.comparison import SchemaComparison

WIDER_FORMATS = {
    ("number", "float"): {"double"},
    ("integer", "int32"): {"int64", "bigint"},
    ("integer", "int64"): {"bigint"},
    ("string", "date"): {"date-time"},
    ("string", "time"): {"date-time"},
}
TYPE_NAMES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}
SCALARS = {"string", "number", "integer", "boolean"}
ARRAY_KEYWORDS = {"type", "items", "uniqueItems", "default"} | ANNOTATIONS


@dataclass(frozen=True, slots=True)
class TypeSet:
    """The types that a schema names (none: any type) without null, and its format."""

    types: frozenset[str]
    format: str | None
    nullable: bool

    @override
    def __str__(self) -> str:
        named = "/".join(sorted(self.types)) or "any type"
        return f"{named} ({self.format})" if self.format else named

    def includes(self, other: TypeSet) -> bool:
        """Whether it accepts every value that the other accepts."""
        types = not self.types or (bool(other.types) and all(self._has(name) for name in other.types))
        return types and (self.format in {None, other.format} or self._wider_format(other))

    def _has(self, name: str) -> bool:
        return name in self.types or (name == "integer" and "number" in self.types)

    def _wider_format(self, other: TypeSet) -> bool:
        return any(self.format in WIDER_FORMATS.get((name, other.format or ""), ()) for name in other.types)

    @property
    def is_plain_string(self) -> bool:
        """Whether it accepts any text."""
        return "string" in self.types and self.format is None


def type_set(node: DiffNode) -> TypeSet:
    """The types of the schema itself, without those of its alternatives."""
    names = _names(node)
    nullable = "null" in names or (node.side.is_30 and node.flag("nullable"))
    if names == {"null"}:
        return TypeSet(frozenset(names), node.text("format") or None, nullable=False)
    return TypeSet(frozenset(names - {"null"}), node.text("format") or None, nullable)


def _names(node: DiffNode) -> set[str]:
    """The types as written; for a schema with only an enum, the types of its values."""
    type_keyword = node.get("type")
    if type_keyword is not None:
        return {type_keyword} if isinstance(type_keyword, str) else set(node.strings("type"))
    values = node.get("enum")
    return {TYPE_NAMES[type(value)] for value in values} if isinstance(values, list) else set()


def nullability(comparison: SchemaComparison, wrapped: tuple[DiffNode | None, DiffNode | None] = (None, None)) -> None:
    """Report a change of null, which has its own ids. `wrapped` are the schemas that a side wraps."""
    before, after = type_set(comparison.base), type_set(comparison.revision)
    was_nullable, is_nullable = (
        side.nullable or (node is not None and type_set(node).nullable) for side, node in zip((before, after), wrapped, strict=True)
    )
    if was_nullable != is_nullable and (any(wrapped) or bool(before.types) == bool(after.types)):
        comparison.report("became-nullable" if is_nullable else "became-not-nullable", "type")


def types(comparison: SchemaComparison) -> None:
    """Report types and formats that are wider, narrower, compatible as text, or different."""
    before, after = type_set(comparison.base), type_set(comparison.revision)
    if (before.types, before.format) == (after.types, after.format):
        return
    values = (before, after)
    for stem in _stems(comparison, before, after):
        if comparison.report(stem, "type", values):
            return


def _stems(comparison: SchemaComparison, before: TypeSet, after: TypeSet) -> tuple[str, ...]:
    """The candidates for the name of the change, the most specific first. The vocabulary may lack some."""
    if not comparison.area.is_request:
        return _response_stems(comparison, before, after)
    if after.includes(before):
        return ("type-generalized",)
    if comparison.area.is_text and (_reads_as_text(comparison, before, after) or _repeats(comparison, before)):
        return ("type-compatible", "type-generalized")
    return ("type-specialized", "type-changed") if before.includes(after) and comparison.position.is_nested else ("type-changed",)


def _response_stems(comparison: SchemaComparison, before: TypeSet, after: TypeSet) -> tuple[str, ...]:
    if not after.types:
        return ("type-changed",)
    if before.includes(after):
        return ("type-specialized",)
    if comparison.area.is_text and before.is_plain_string:
        return ("type-compatible",)
    return ("type-generalized",) if after.includes(before) else ("type-changed",)


def _reads_as_text(comparison: SchemaComparison, before: TypeSet, after: TypeSet) -> bool:
    """Whether a string accepts what was sent before. A list in a parameter is more than one value."""
    return after.is_plain_string and (before.types <= SCALARS or comparison.area.part != "request-parameter")


def _repeats(comparison: SchemaComparison, before: TypeSet) -> bool:
    """Whether a query parameter became a list of which one value is a valid list: `?a=1` is a list of one."""
    if not comparison.area.is_repeated or comparison.position.is_nested or not before.types <= SCALARS:
        return False
    items = comparison.revision.child("items")
    if type_set(comparison.revision).types != {"array"} or comparison.revision.value.keys() - ARRAY_KEYWORDS:
        return False
    if items is None:
        return True
    return not items.value.keys() - {"type", *ANNOTATIONS} and (type_set(items).is_plain_string or type_set(items).includes(before))


def list_of_types_in(node: DiffNode) -> set[str] | None:
    """The types of a schema that only lists types: `anyOf` or `oneOf` of bare types, or `type` alone. Null counts."""
    for keyword in ("anyOf", "oneOf"):
        branches = node.list_items(keyword)
        if branches and not node.value.keys() - {keyword, *ANNOTATIONS}:
            type_names = [_only_types(branch) for branch in branches]
            return {name for names in type_names for name in names} if all(type_names) else None
    return _only_types(node) or None


def _only_types(node: DiffNode) -> set[str]:
    if node.value.keys() - {"type", *ANNOTATIONS}:
        return set()
    type_keyword = node.get("type")
    return {type_keyword} if isinstance(type_keyword, str) else set(node.strings("type"))


def compare_type_lists(comparison: SchemaComparison) -> bool:
    """Compare two lists of types, at least one of them written as alternatives. False if a side is not such a list."""
    if not any(key in node.value for node in (comparison.base, comparison.revision) for key in ("anyOf", "oneOf")):
        return False
    before, after = list_of_types_in(comparison.base), list_of_types_in(comparison.revision)
    if before is None or after is None:
        return False
    key = "anyOf" if "anyOf" in comparison.revision.value else "oneOf"
    if after - before:
        comparison.report("list-of-types-widened", key, (sorted(before), sorted(after)))
    if before - after:
        comparison.report("list-of-types-narrowed", key, (sorted(before), sorted(after)))
    return True
