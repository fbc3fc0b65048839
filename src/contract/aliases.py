"""Deprecated second spellings: a property with `x-alias-of: other` carries the same value as `other`.

The schema on the wire states both spellings exactly; after validation a value is folded into its real name,
so that models and handlers know one name only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.operations import Json


def of(schema: Json) -> dict[str, str]:
    """Alias -> real name, for the properties of one object schema."""
    properties: dict[str, Json] = schema.get("properties", {})
    return {name: node["x-alias-of"] for name, node in properties.items() if "x-alias-of" in node}


def fold(value: dict[str, Any], aliases: dict[str, str]) -> None:
    """Move every aliased value to its real name, in place."""
    for alias, name in aliases.items():
        if alias in value:
            value[name] = value.pop(alias)


def required_by_either_name(schema: Json) -> Iterator[str]:
    """Real names that are required in one of their spellings: a oneOf or anyOf of `{required: [name]}` and `{required: [alias]}`."""
    aliases = of(schema)
    for keyword in ("oneOf", "anyOf"):
        demanded = [branch.get("required", [None]) for branch in schema.get(keyword, []) if set(branch) == {"required"}]
        names = {aliases.get(one[0], one[0]) for one in demanded if len(one) == 1}
        if len(demanded) == len(schema.get(keyword, [])) and len(names) == 1:
            yield from (name for name in names if name)
