"""Where things stand in answers: the item in its envelope, the list beside its pagination. Schemas say so, and examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from contract.examples import from_schema, merge
from contract.openapi.operations import Json, resolve

Place = tuple[str, ...]  # the keys that lead to a value
DEEP = 2  # envelopes around a thing


class Part(NamedTuple):
    """A place of an answer: its schema, joined to plain keywords, and the value that the example has there."""

    bundle: Json
    schema: Json
    example: Any

    @property
    def named(self) -> Json:
        """The schemas of its properties."""
        found = self.schema.get("properties", {})
        return found if isinstance(found, dict) else {}

    @property
    def names(self) -> list[str]:
        """The properties that the schema or the example names."""
        shown = self.example if isinstance(self.example, dict) else {}
        return list(dict.fromkeys([*self.named, *shown]))

    @property
    def is_list(self) -> bool:
        """Whether it is an array."""
        return isinstance(self.example, list) or "array" in types(self.schema)

    def member(self, name: str) -> Part:
        """One of its properties."""
        shown = self.example.get(name) if isinstance(self.example, dict) else None
        return part(self.bundle, self.named.get(name), shown)

    def each(self, index: int = 0) -> Part:
        """One element of an array; past the example's end its last."""
        shown = self.example[: index + 1][-1] if isinstance(self.example, list) and self.example else None
        return part(self.bundle, self.schema.get("items"), shown)

    def required(self, value: Json) -> Json:
        """The object with what the schema requires beside it: the example's, else the least that the schema allows."""
        sample = self.example if isinstance(self.example, dict) else {}
        missing = [name for name in self.schema.get("required", ()) if name not in value]
        return value | {name: sample[name] if name in sample else from_schema(self.bundle, self.named.get(name, {})) for name in missing}


def part(bundle: Json, schema: Any, example: Any) -> Part:
    """A place of an answer."""
    return Part(bundle, merge(bundle, schema), example)


def types(schema: Json) -> list[str]:
    """The types of a schema as a list."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def places(whole: Part) -> Iterator[tuple[Place, Part]]:
    """Every object and array of an answer with its place, the outer ones first."""
    found: list[tuple[Place, Part]] = [((), whole)]
    for place, one in found:
        yield place, one
        if len(place) < DEEP and not one.is_list:
            inside = [((*place, name), one.member(name)) for name in one.names]
            found += [(way, member) for way, member in inside if member.names or member.is_list]


def item_place(whole: Part, identity: str, noun: str) -> Place | None:
    """Where the thing is that `identity` names: under its own name, at the root, or in the first object that has one."""
    found = [place for place, one in places(whole) if not one.is_list and identity in one.names]
    return next((one for one in found if one and one[-1] == noun), next(iter(found), None))


def list_place(whole: Part, identity: str, plural: str) -> Place | None:
    """Where the list of things is, of several the one of that name."""
    found = [place for place, one in places(whole) if one.is_list and identity in one.each().names]
    return next((one for one in found if one and one[-1] == plural), next(iter(found), None))


def at(whole: Part, place: Place) -> Part:
    """The part at a place."""
    for name in place:
        whole = whole.member(name)
    return whole


def value_at(value: Any, place: Place) -> Any:
    """The value at a place, None where there is none."""
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def with_value(whole: Any, place: Place, value: Any) -> Any:
    """The same answer with another value at a place; what lies on the way is copied, the rest shared."""
    if not place:
        return value
    inside = whole if isinstance(whole, dict) else {}
    return {**inside, place[0]: with_value(inside.get(place[0]), place[1:], value)}


def takes_null(bundle: Json, schema: Any) -> bool:
    """Whether a schema says that null will do."""
    if not isinstance(schema, dict):
        return False
    node, _ = resolve(bundle, schema, "")
    if "null" in types(node) or None in node.get("enum", ()):
        return True
    return any(takes_null(bundle, one) for keyword in ("oneOf", "anyOf") for one in node.get(keyword, ()))


def singular(plural: str) -> str:
    """`categories` -> `category`, `contacts` -> `contact`; a word that has no such ending stays."""
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural[:-1] if plural.endswith("s") and not plural.endswith("ss") else plural
