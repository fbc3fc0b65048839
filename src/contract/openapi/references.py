"""JSON pointers (RFC 6901) and the `$ref`s of a bundled document."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def escape(part: str) -> str:
    """One key as a part of a JSON pointer (RFC 6901, section 3)."""
    return part.replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """The key in one part of a JSON pointer."""
    return part.replace("~1", "/").replace("~0", "~")


def lookup(bundle: Json, pointer: str) -> Any:
    """The node that a `#/...` reference names. Raises KeyError if there is none."""
    node: Any = bundle
    for part in pointer.removeprefix("#").split("/")[1:]:
        node = node[int(part)] if isinstance(node, list) else node[unescape(part)]
    return node


def resolve(bundle: Json, node: Any, pointer: str) -> tuple[Json, str]:
    """Follow `$ref` to a node that has none; returns it with its pointer (without the leading `#`)."""
    while isinstance(node, dict) and "$ref" in node:  # a schema may be true or false
        pointer = node["$ref"].removeprefix("#")
        node = lookup(bundle, node["$ref"])
    return node, pointer
