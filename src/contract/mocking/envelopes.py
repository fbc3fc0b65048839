"""The shape of responses: where the item or the list is in its envelope. Schemas and examples show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from contract.example_values import from_schema, merge
from contract.openapi.references import Json, resolve

ValuePath = tuple[str, ...]  # the keys from the root to a value
MAX_ENVELOPES = 2  # around a resource


class ResponsePart(NamedTuple):
    """A part of a response: its schema, merged to plain keywords, and its value in the example."""

    bundle: Json
    schema: Json
    example: Any

    @property
    def properties(self) -> Json:
        """The schemas of its properties."""
        properties = self.schema.get("properties", {})
        return properties if isinstance(properties, dict) else {}

    @property
    def names(self) -> list[str]:
        """The properties in the schema or the example."""
        example = self.example if isinstance(self.example, dict) else {}
        return list(dict.fromkeys([*self.properties, *example]))

    @property
    def is_list(self) -> bool:
        """Whether it is an array."""
        return isinstance(self.example, list) or "array" in types(self.schema)

    def member(self, name: str) -> ResponsePart:
        """One of its properties."""
        example = self.example.get(name) if isinstance(self.example, dict) else None
        return part(self.bundle, self.properties.get(name), example)

    def element(self, index: int = 0) -> ResponsePart:
        """An element of an array; beyond the example's end its last element."""
        example = self.example[: index + 1][-1] if isinstance(self.example, list) and self.example else None
        return part(self.bundle, self.schema.get("items"), example)

    def required(self, value: Json) -> Json:
        """The object with its missing required properties, from the example or else generated from the schema."""
        sample = self.example if isinstance(self.example, dict) else {}
        missing = [name for name in self.schema.get("required", ()) if name not in value]
        return value | {
            name: sample[name] if name in sample else from_schema(self.bundle, self.properties.get(name, {})) for name in missing
        }


def part(bundle: Json, schema: Any, example: Any) -> ResponsePart:
    """A part of a response."""
    return ResponsePart(bundle, merge(bundle, schema), example)


def types(schema: Json) -> list[str]:
    """The types of a schema as a list."""
    declared = schema.get("type", [])
    return [declared] if isinstance(declared, str) else list(declared)


def part_paths(root: ResponsePart) -> Iterator[tuple[ValuePath, ResponsePart]]:
    """Every object and array of a response with its path, outer ones first."""
    waiting: list[tuple[ValuePath, ResponsePart]] = [((), root)]
    for path, current in waiting:
        yield path, current
        if len(path) < MAX_ENVELOPES and not current.is_list:
            members = [((*path, name), current.member(name)) for name in current.names]
            waiting += [(member_path, member) for member_path, member in members if member.names or member.is_list]


def item_path(root: ResponsePart, identity: str, noun: str) -> ValuePath | None:
    """The path of the item with the field `identity`: under its own name, at the root, or in the first object that has the field."""
    paths = [path for path, current in part_paths(root) if not current.is_list and identity in current.names]
    return next((current for current in paths if current and current[-1] == noun), next(iter(paths), None))


def list_path(root: ResponsePart, identity: str, plural: str) -> ValuePath | None:
    """The path of the list of items; of several the one with the collection's name."""
    paths = [path for path, current in part_paths(root) if current.is_list and identity in current.element().names]
    return next((current for current in paths if current and current[-1] == plural), next(iter(paths), None))


def at(current: ResponsePart, path: ValuePath) -> ResponsePart:
    """The part at a path."""
    for name in path:
        current = current.member(name)
    return current


def value_at(value: Any, path: ValuePath) -> Any:
    """The value at a path, None if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def with_value(body: Any, path: ValuePath, value: Any) -> Any:
    """The body with another value at a path. Containers along the path are copied, the others are shared."""
    if not path:
        return value
    members = body if isinstance(body, dict) else {}
    return {**members, path[0]: with_value(members.get(path[0]), path[1:], value)}


def accepts_null(bundle: Json, schema: Any) -> bool:
    """Whether a schema accepts null."""
    if not isinstance(schema, dict):
        return False
    node, _ = resolve(bundle, schema, "")
    if "null" in types(node) or None in node.get("enum", ()):
        return True
    return any(accepts_null(bundle, branch) for keyword in ("oneOf", "anyOf") for branch in node.get(keyword, ()))


def singular(plural: str) -> str:
    """`categories` -> `category`, `contacts` -> `contact`; other words stay."""
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural[:-1] if plural.endswith("s") and not plural.endswith("ss") else plural
