"""Changes of single keywords of a schema: bounds, values, patterns, and members that exist or not."""

from __future__ import annotations

import json
import math
from typing import Any

from contract.diff.equality import ANNOTATIONS
from contract.diff.nodes import DiffNode
from contract.diff.rules.comparison import SchemaComparison

# keyword -> the stem of its ids, and the bound that its absence means
BOUNDS = {
    "maximum": ("max", math.inf),
    "exclusiveMaximum": ("exclusive-max", math.inf),
    "maxLength": ("max-length", math.inf),
    "maxItems": ("max-items", math.inf),
    "maxContains": ("max-contains", math.inf),
    "maxProperties": ("max-properties", math.inf),
    "minimum": ("min", -math.inf),
    "exclusiveMinimum": ("exclusive-min", -math.inf),
    "minLength": ("min-length", 0),
    "minItems": ("min-items", 0),
    "minContains": ("min-contains", 1),
    "minProperties": ("min-properties", 0),
}
BESIDE_FLAGS = {"minimum", "maximum"}  # in 3.0 a flag beside them changes their meaning
EXCLUSIVE = {"maximum": "exclusiveMaximum", "minimum": "exclusiveMinimum"}
INCLUSIVE = {exclusive: inclusive for inclusive, exclusive in EXCLUSIVE.items()}
COUNTED = {"minContains", "maxContains"}
PRESENCE = {
    "not": "not",
    "contains": "contains",
    "if": "if",
    "then": "then",
    "else": "else",
    "propertyNames": "property-names",
    "unevaluatedItems": "unevaluated-items",
    "unevaluatedProperties": "unevaluated-properties",
    "contentSchema": "content-schema",
}
KEYED = {"dependentRequired": "dependent-required", "dependentSchemas": "dependent-schema", "patternProperties": "pattern-property"}
VALUES = {"const": "const", "default": "default-value", "multipleOf": "multiple-of"}
STRING_ENCODINGS = {"contentEncoding": "content-encoding-changed", "contentMediaType": "content-media-type-changed"}
ALLOWS_ANY = 2
MATCH_ALL_PATTERNS = {".*", "^.*", ".*$", "^.*$"}


def bounds(comparison: SchemaComparison) -> None:
    """Limits of numbers, lengths and counts. Adding or removing a limit counts as a change from or to its default, unless it has an id."""
    for keyword, (stem, absent) in BOUNDS.items():
        if comparison.base.value.get(keyword) == comparison.revision.value.get(keyword) and keyword not in BESIDE_FLAGS:
            continue
        if keyword in COUNTED and None in comparison.pair.values("contains"):
            continue  # the count was added or removed together with `contains`
        before, after = _number(comparison.base, keyword), _number(comparison.revision, keyword)
        if before == after or (before is None and after == absent) or (after is None and before == absent):
            continue
        values = (before, after)
        if before is None and comparison.report(f"{stem}-set", keyword, values):
            continue
        if after is None and comparison.report(f"{stem}-unset", keyword, values):
            continue
        grows = (absent if after is None else after) > (absent if before is None else before)
        comparison.report(f"{stem}-{'increased' if grows else 'decreased'}", keyword, values)


def _number(node: DiffNode, keyword: str) -> float | None:
    """A bound. In 3.0 a flag beside an inclusive bound makes it exclusive."""
    if keyword in EXCLUSIVE and node.flag(EXCLUSIVE[keyword]):
        return None
    if keyword in INCLUSIVE and node.flag(keyword):
        keyword = INCLUSIVE[keyword]
    value = node.get(keyword)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def values(comparison: SchemaComparison) -> None:
    """Constants, defaults, multiples, and the encoding of strings."""
    for keyword, stem in VALUES.items():
        if change := _change_of(comparison.base, comparison.revision, keyword):
            comparison.report(f"{stem}-{change}", keyword, comparison.pair.values(keyword))
    for keyword, stem in STRING_ENCODINGS.items():
        if _change_of(comparison.base, comparison.revision, keyword):
            comparison.report(stem, keyword, comparison.pair.values(keyword))


def _change_of(base: DiffNode, revision: DiffNode, keyword: str) -> str:
    """`added`, `removed`, `changed` or empty."""
    before, after = keyword in base.value, keyword in revision.value
    if before and after:
        return "changed" if base.get(keyword) != revision.get(keyword) else ""
    return "added" if after else "removed" if before else ""


def pattern(comparison: SchemaComparison) -> None:
    """A regular expression. Only expressions that match everything can be compared."""
    change = _change_of(comparison.base, comparison.revision, "pattern")
    if not change:
        return
    stem = "generalized" if change == "changed" and comparison.revision.text("pattern") in MATCH_ALL_PATTERNS else change
    if not comparison.report(f"pattern-{stem}", "pattern", comparison.pair.values("pattern")):
        comparison.report(f"pattern-{change}", "pattern", comparison.pair.values("pattern"))


def enumeration(comparison: SchemaComparison) -> None:
    """The values of `enum`, and of the extensible list that clients must expect to grow."""
    before, after = comparison.base.get("enum"), comparison.revision.get("enum")
    if isinstance(after, list) and before is None:
        comparison.report("became-enum", "enum", (None, after))
    elif isinstance(before, list) and after is None and "x-extensible-enum" not in comparison.revision.value:
        comparison.report("enum-removed", "enum", (before, None))
    elif isinstance(after, list) and isinstance(before, list):
        _list_changes(comparison, "enum", "enum-value")
    if comparison.base.get("x-extensible-enum") is not None:
        _list_changes(comparison, "x-extensible-enum", "x-extensible-enum-value")


def _list_changes(comparison: SchemaComparison, keyword: str, stem: str) -> None:
    before, after = (value if isinstance(value, list) else [] for value in comparison.pair.values(keyword))
    if removed := _missing_from(before, after):
        comparison.report(f"{stem}-removed", keyword, (removed, None))
    if added := _missing_from(after, before):
        comparison.report(f"{stem}-added", keyword, (None, added))


def _missing_from(values: list[Any], others: list[Any]) -> list[Any]:
    """The values that are not among the others. Null is left out: it has its own ids."""
    encoded = {json.dumps(value, sort_keys=True) for value in others}
    return [value for value in values if value is not None and json.dumps(value, sort_keys=True) not in encoded]


def presence(comparison: SchemaComparison) -> None:
    """Members that are a schema, a map of schemas or a list. Their contents are compared elsewhere."""
    for keyword, stem in PRESENCE.items():
        before, after = (value is not None and value is not True for value in comparison.pair.values(keyword))
        _added_or_removed(comparison, keyword, stem, (before, after))
    for keyword, stem in KEYED.items():
        _keyed(comparison, keyword, stem)
    _prefix(comparison)
    _added_or_removed(
        comparison, "uniqueItems", "unique-items", (comparison.base.flag("uniqueItems"), comparison.revision.flag("uniqueItems"))
    )
    if comparison.base.get("type") == comparison.revision.get("type"):  # a schema that became an array got its items with its type
        _added_or_removed(
            comparison,
            "items",
            "items",
            (_openness(comparison.base, "items") < ALLOWS_ANY, _openness(comparison.revision, "items") < ALLOWS_ANY),
        )
    old, new = (_openness(node, "additionalProperties") for node in (comparison.base, comparison.revision))
    if old != new:
        comparison.report(f"additional-properties-{'closed' if new < old else 'opened'}", "additionalProperties")


def _added_or_removed(comparison: SchemaComparison, keyword: str, stem: str, is_present: tuple[bool, bool]) -> None:
    before, after = is_present
    if before != after:
        comparison.report(f"{stem}-{'added' if after else 'removed'}", keyword)


def _openness(node: DiffNode, keyword: str) -> int:
    """How many values a member allows: 0 none, 1 those that a schema accepts, 2 any."""
    value = node.get(keyword)
    if value is False:
        return 0
    return 1 if isinstance(value, dict) and value.keys() - ANNOTATIONS else ALLOWS_ANY


def _keyed(comparison: SchemaComparison, keyword: str, stem: str) -> None:
    before, after = (value if isinstance(value, dict) else {} for value in comparison.pair.values(keyword))
    for name in before.keys() - after.keys():
        comparison.report(f"{stem}-removed", keyword, (name, None))
    for name in after.keys() - before.keys():
        comparison.report(f"{stem}-added", keyword, (None, name))
    if keyword == "dependentRequired":
        for name in [name for name in before if name in after and _set(before[name]) != _set(after[name])]:
            comparison.report(f"{stem}-changed", keyword, (before[name], after[name]))


def _set(value: Any) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else set()


def _prefix(comparison: SchemaComparison) -> None:
    before, after = len(comparison.base.list_items("prefixItems")), len(comparison.revision.list_items("prefixItems"))
    if before != after:
        comparison.report("prefix-items-added" if after > before else "prefix-items-removed", "prefixItems", (before, after))


def discriminator(comparison: SchemaComparison) -> None:
    """The property that distinguishes alternatives, and the mapping of its values to schemas."""
    before, after = comparison.base.child("discriminator"), comparison.revision.child("discriminator")
    if before is None or after is None:
        if before is not after:
            comparison.report(f"discriminator-{'added' if after else 'removed'}", "discriminator")
        return
    if before.get("propertyName") != after.get("propertyName"):
        names = (before.get("propertyName"), after.get("propertyName"))
        comparison.report("discriminator-property-name-changed", "discriminator", names)
    _mapping(comparison, before.get("mapping"), after.get("mapping"))


def _mapping(comparison: SchemaComparison, mapping_before: Any, mapping_after: Any) -> None:
    before, after = (value if isinstance(value, dict) else {} for value in (mapping_before, mapping_after))
    if removed := sorted(before.keys() - after.keys()):
        comparison.report("discriminator-mapping-deleted", "discriminator", (removed, None))
    if added := sorted(after.keys() - before.keys()):
        comparison.report("discriminator-mapping-added", "discriminator", (None, added))
    for name in [name for name in before if name in after and before[name] != after[name]]:
        comparison.report("discriminator-mapping-changed", "discriminator", (before[name], after[name]))
