"""Several types in one schema (`type: [string, "null"]`) and the same as alternatives (`anyOf`), brought into one form.

Tools and people change from one to the other without changing what is accepted.
"""

from __future__ import annotations

from collections.abc import Callable

from contract.diff.equality import ANNOTATIONS
from contract.diff.nodes import Node, Pair
from contract.openapi.operations import Json

WORDS: dict[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "boolean": frozenset(),
    "null": frozenset(),
}


def aligned(pair: Pair) -> Pair:
    """The pair with alternatives folded into one schema, where the other side writes its types in one schema."""
    base, revision = pair.base, pair.revision
    if "anyOf" in base.value and "anyOf" not in revision.value and isinstance(revision.get("type"), list):
        return Pair(_folded(base), revision)
    if "anyOf" in revision.value and "anyOf" not in base.value and isinstance(base.get("type"), list):
        return Pair(base, _folded(revision))
    return pair


def _folded(node: Node) -> Node:
    """The alternatives as one schema of several types; the node itself where they are more than that."""
    return _as(node, "types", lambda: _fold(node) or node.value)


def _as(node: Node, form: str, make: Callable[[], Json]) -> Node:
    """The node in another form, made once."""
    key = (id(node.value), form)
    if key not in node.side.forms:
        node.side.forms[key] = make()
    return Node(node.side, node.written, node.side.forms[key], node.pointer)


def _fold(node: Node) -> Json | None:
    if any(key not in ANNOTATIONS | {"anyOf", "default"} and not key.startswith("x-") for key in node.value):
        return None
    types: list[str] = []
    found: Json = {}
    for branch in node.listed("anyOf"):
        own = [branch.text("type")] if branch.text("type") else branch.words("type")
        words = {key: value for key, value in branch.value.items() if key not in ANNOTATIONS | {"type"} and not key.startswith("x-")}
        is_of_others = not set(own).isdisjoint(types) or not found.keys().isdisjoint(words)
        if not own or is_of_others or any(not _belongs(word, own) for word in words):
            return None
        types += own
        found |= words
    return {**{key: value for key, value in node.value.items() if key != "anyOf"}, **found, "type": types}


def _belongs(word: str, types: list[str]) -> bool:
    return any(word in WORDS.get(name, ()) for name in types)


def of_names(pair: Pair) -> Pair:
    """Two schemas of property names, which are strings whether a schema says so or not."""
    return Pair(_as_text(pair.base), _as_text(pair.revision))


def _as_text(node: Node) -> Node:
    return node if "type" in node.value else _as(node, "text", lambda: {"type": "string", **node.value})
