"""One form for unions: several types in one schema (`type: [string, "null"]`) and the same as alternatives (`anyOf`).

Tools and authors switch between the two without changing which values are accepted.
"""

from __future__ import annotations

from collections.abc import Callable

from contract.diff.equality import ANNOTATIONS
from contract.diff.nodes import DiffNode, Pair
from contract.openapi.references import Json

KEYWORDS_OF_TYPE: dict[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "boolean": frozenset(),
    "null": frozenset(),
}


def align(pair: Pair) -> Pair:
    """The pair with alternatives folded into one schema, if the other side has its types in one schema."""
    base, revision = pair.base, pair.revision
    if "anyOf" in base.value and "anyOf" not in revision.value and isinstance(revision.get("type"), list):
        return Pair(_fold_alternatives(base), revision)
    if "anyOf" in revision.value and "anyOf" not in base.value and isinstance(base.get("type"), list):
        return Pair(base, _fold_alternatives(revision))
    return pair


def _fold_alternatives(node: DiffNode) -> DiffNode:
    """The alternatives as one schema of several types; the node itself if they have other keywords."""
    return _in_form(node, "types", lambda: _fold(node) or node.value)


def _in_form(node: DiffNode, form: str, convert: Callable[[], Json]) -> DiffNode:
    """The node in another form, converted once."""
    key = (id(node.value), form)
    if key not in node.side.forms:
        node.side.forms[key] = convert()
    return DiffNode(node.side, node.original, node.side.forms[key], node.pointer)


def _fold(node: DiffNode) -> Json | None:
    if any(key not in ANNOTATIONS | {"anyOf", "default"} and not key.startswith("x-") for key in node.value):
        return None
    types: list[str] = []
    merged: Json = {}
    for branch in node.list_items("anyOf"):
        own_types = [branch.text("type")] if branch.text("type") else branch.strings("type")
        keywords = {key: value for key, value in branch.value.items() if key not in ANNOTATIONS | {"type"} and not key.startswith("x-")}
        overlaps = not set(own_types).isdisjoint(types) or not merged.keys().isdisjoint(keywords)
        if not own_types or overlaps or any(not _applies_to(keyword, own_types) for keyword in keywords):
            return None
        types += own_types
        merged |= keywords
    return {**{key: value for key, value in node.value.items() if key != "anyOf"}, **merged, "type": types}


def _applies_to(keyword: str, types: list[str]) -> bool:
    return any(keyword in KEYWORDS_OF_TYPE.get(name, ()) for name in types)


def as_name_schemas(pair: Pair) -> Pair:
    """Two schemas of property names, which are strings even without a `type`."""
    return Pair(_as_text(pair.base), _as_text(pair.revision))


def _as_text(node: DiffNode) -> DiffNode:
    return node if "type" in node.value else _in_form(node, "text", lambda: {"type": "string", **node.value})
