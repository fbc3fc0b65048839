"""Changes of a schema's single keywords: bounds, values, patterns, and members that are there or not."""

from __future__ import annotations

import json
import math
from typing import Any

from contract.diff.equality import ANNOTATIONS
from contract.diff.nodes import Node
from contract.diff.rules.comparison import Visit

# keyword -> the stem of its ids, and what its absence means
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
BESIDE_FLAGS = {"minimum", "maximum"}  # in 3.0 their meaning hangs on a flag beside them
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
WHOLE = {"contentEncoding": "content-encoding-changed", "contentMediaType": "content-media-type-changed"}
OPEN = 2
ANYTHING = {".*", "^.*", ".*$", "^.*$"}


def bounds(visit: Visit) -> None:
    """Limits of numbers, lengths and counts. A limit that is new or gone is a move from or to what no limit means, unless it has an id."""
    for keyword, (stem, absent) in BOUNDS.items():
        if visit.base.value.get(keyword) == visit.revision.value.get(keyword) and keyword not in BESIDE_FLAGS:
            continue
        if keyword in COUNTED and None in visit.pair.values("contains"):
            continue  # the count came or went with what it counts
        before, after = _number(visit.base, keyword), _number(visit.revision, keyword)
        if before == after or (before is None and after == absent) or (after is None and before == absent):
            continue
        values = (before, after)
        if before is None and visit.report(f"{stem}-set", keyword, values):
            continue
        if after is None and visit.report(f"{stem}-unset", keyword, values):
            continue
        grows = (absent if after is None else after) > (absent if before is None else before)
        visit.report(f"{stem}-{'increased' if grows else 'decreased'}", keyword, values)


def _number(node: Node, keyword: str) -> float | None:
    """A bound; 3.0 makes an inclusive one exclusive by a flag beside it."""
    if keyword in EXCLUSIVE and node.flag(EXCLUSIVE[keyword]):
        return None
    if keyword in INCLUSIVE and node.flag(keyword):
        keyword = INCLUSIVE[keyword]
    value = node.get(keyword)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def values(visit: Visit) -> None:
    """Constants, defaults, steps, and the encoding of strings."""
    for keyword, stem in VALUES.items():
        if done := _happened(visit.base, visit.revision, keyword):
            visit.report(f"{stem}-{done}", keyword, visit.pair.values(keyword))
    for keyword, stem in WHOLE.items():
        if _happened(visit.base, visit.revision, keyword):
            visit.report(stem, keyword, visit.pair.values(keyword))


def _happened(base: Node, revision: Node, keyword: str) -> str:
    """`added`, `removed`, `changed` or nothing."""
    before, after = keyword in base.value, keyword in revision.value
    if before and after:
        return "changed" if base.get(keyword) != revision.get(keyword) else ""
    return "added" if after else "removed" if before else ""


def pattern(visit: Visit) -> None:
    """A regular expression, of which only those that fit everything can be compared."""
    done = _happened(visit.base, visit.revision, "pattern")
    if not done:
        return
    stem = "generalized" if done == "changed" and visit.revision.text("pattern") in ANYTHING else done
    if not visit.report(f"pattern-{stem}", "pattern", visit.pair.values("pattern")):
        visit.report(f"pattern-{done}", "pattern", visit.pair.values("pattern"))


def enumeration(visit: Visit) -> None:
    """The values of `enum`, and of the open list that clients must expect to grow."""
    before, after = visit.base.get("enum"), visit.revision.get("enum")
    if isinstance(after, list) and before is None:
        visit.report("became-enum", "enum", (None, after))
    elif isinstance(before, list) and after is None and "x-extensible-enum" not in visit.revision.value:
        visit.report("enum-removed", "enum", (before, None))
    elif isinstance(after, list) and isinstance(before, list):
        _moved(visit, "enum", "enum-value")
    if visit.base.get("x-extensible-enum") is not None:
        _moved(visit, "x-extensible-enum", "x-extensible-enum-value")


def _moved(visit: Visit, keyword: str, stem: str) -> None:
    before, after = (value if isinstance(value, list) else [] for value in visit.pair.values(keyword))
    if removed := _beyond(before, after):
        visit.report(f"{stem}-removed", keyword, (removed, None))
    if added := _beyond(after, before):
        visit.report(f"{stem}-added", keyword, (None, added))


def _beyond(values: list[Any], others: list[Any]) -> list[Any]:
    """The values that are not among the others. Null is not counted, it has ids of its own."""
    known = {json.dumps(value, sort_keys=True) for value in others}
    return [value for value in values if value is not None and json.dumps(value, sort_keys=True) not in known]


def presence(visit: Visit) -> None:
    """Members that are one schema each, and those that are a map of schemas or lists; what is in them is compared elsewhere."""
    for keyword, stem in PRESENCE.items():
        before, after = (value is not None and value is not True for value in visit.pair.values(keyword))
        _came_or_went(visit, keyword, stem, (before, after))
    for keyword, stem in KEYED.items():
        _keyed(visit, keyword, stem)
    _prefix(visit)
    _came_or_went(visit, "uniqueItems", "unique-items", (visit.base.flag("uniqueItems"), visit.revision.flag("uniqueItems")))
    if visit.base.get("type") == visit.revision.get("type"):  # an array that was none has its items with its type
        _came_or_went(visit, "items", "items", (_openness(visit.base, "items") < OPEN, _openness(visit.revision, "items") < OPEN))
    old, new = (_openness(node, "additionalProperties") for node in (visit.base, visit.revision))
    if old != new:
        visit.report(f"additional-properties-{'closed' if new < old else 'opened'}", "additionalProperties")


def _came_or_went(visit: Visit, keyword: str, stem: str, is_there: tuple[bool, bool]) -> None:
    before, after = is_there
    if before != after:
        visit.report(f"{stem}-{'added' if after else 'removed'}", keyword)


def _openness(node: Node, keyword: str) -> int:
    """What a member lets in: 0 nothing, 1 what a schema accepts, 2 anything."""
    value = node.get(keyword)
    if value is False:
        return 0
    return 1 if isinstance(value, dict) and value.keys() - ANNOTATIONS else OPEN


def _keyed(visit: Visit, keyword: str, stem: str) -> None:
    before, after = (value if isinstance(value, dict) else {} for value in visit.pair.values(keyword))
    for name in before.keys() - after.keys():
        visit.report(f"{stem}-removed", keyword, (name, None))
    for name in after.keys() - before.keys():
        visit.report(f"{stem}-added", keyword, (None, name))
    if keyword == "dependentRequired":
        for name in [name for name in before if name in after and _set(before[name]) != _set(after[name])]:
            visit.report(f"{stem}-changed", keyword, (before[name], after[name]))


def _set(value: Any) -> set[str]:
    return {str(one) for one in value} if isinstance(value, list) else set()


def _prefix(visit: Visit) -> None:
    before, after = len(visit.base.listed("prefixItems")), len(visit.revision.listed("prefixItems"))
    if before != after:
        visit.report("prefix-items-added" if after > before else "prefix-items-removed", "prefixItems", (before, after))


def discriminator(visit: Visit) -> None:
    """Which property tells alternatives apart, and the schemas its values name."""
    before, after = visit.base.child("discriminator"), visit.revision.child("discriminator")
    if before is None or after is None:
        if before is not after:
            visit.report(f"discriminator-{'added' if after else 'removed'}", "discriminator")
        return
    if before.get("propertyName") != after.get("propertyName"):
        names = (before.get("propertyName"), after.get("propertyName"))
        visit.report("discriminator-property-name-changed", "discriminator", names)
    _mapping(visit, before.get("mapping"), after.get("mapping"))


def _mapping(visit: Visit, written_before: Any, written_after: Any) -> None:
    before, after = (value if isinstance(value, dict) else {} for value in (written_before, written_after))
    if gone := sorted(before.keys() - after.keys()):
        visit.report("discriminator-mapping-deleted", "discriminator", (gone, None))
    if new := sorted(after.keys() - before.keys()):
        visit.report("discriminator-mapping-added", "discriminator", (None, new))
    for name in [name for name in before if name in after and before[name] != after[name]]:
        visit.report("discriminator-mapping-changed", "discriminator", (before[name], after[name]))
