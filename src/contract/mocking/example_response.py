"""One operation's documented answer, and bodies of its shape: another thing in the same envelope, judged by the schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import msgspec
from jsonschema_rs import Draft202012Validator, ValidationErrorKind

from contract.mocking.shapes import Part, Place, at, value_at, with_value
from contract.openapi.operations import Json, Operation
from contract.runtime.platform import EncodedResponse

REPAIRS = 12  # what an example can mend; past that the example itself is the better answer


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """The documented answer of an operation: in bytes, as a value, and what judges another in its place."""

    operation: Operation
    encoded: EncodedResponse
    whole: Part
    validator: Draft202012Validator
    is_written: bool = False  # by somebody, and not made from the schema
    _parts: dict[Place, Part] = field(default_factory=dict)

    def at(self, place: Place) -> Part:
        """The part of the answer at a place."""
        if place not in self._parts:
            self._parts[place] = at(self.whole, place)
        return self._parts[place]

    @property
    def body(self) -> Any:
        """The example."""
        return self.whole.example

    def fits(self, body: Any) -> bool:
        """Whether the schema allows a body."""
        return self.validator.is_valid(body)

    def mended(self, body: Any) -> Any:
        """The body, or one where the example's values stand in what the schema refuses; None where that does not help."""
        for _ in range(REPAIRS):
            wrong = next(iter(self.validator.iter_errors(body)), None)
            if wrong is None:
                return body
            way = list(wrong.instance_path)
            if isinstance(wrong.kind, ValidationErrorKind.Required):
                way.append(wrong.kind.property)
            if not way:
                return None
            body = _with_example(body, way, self.body)
        return None

    def item(self, thing: Json, place: Place) -> Json:
        """What this answer shows of a thing: the properties it names, and what it requires from the example."""
        return shown(self.at(place), thing)

    def row(self, thing: Json, place: Place) -> Json:
        """What the list at a place shows of a thing."""
        if (*place, "") not in self._parts:
            self._parts[*place, ""] = self.at(place).each()
        return shown(self._parts[*place, ""], thing)

    def with_item(self, thing: Json, place: Place) -> Any:
        """The answer about a thing, None where the schema allows none."""
        return self.mended(with_value(self.body, place, self.item(thing, place)))

    def encode(self, body: Any) -> EncodedResponse:
        """The answer with another body; a tag of the example's is not its own."""
        content = msgspec.json.encode(body)
        headers = [(name, _tag(content) if name.lower() == "etag" else value) for name, value in self.encoded.headers]
        return self.encoded._replace(body=content, headers=headers)


def shown(here: Part, thing: Json) -> Json:
    """The properties of a thing that a part of an answer has, and those that it requires."""
    named = here.named
    return here.required({name: value for name, value in thing.items() if name in named or not named})


def _tag(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def _with_example(body: Any, way: list[str | int], example: Any) -> Any:
    """The body with the example's value at a place, or with nothing there where the example has nothing."""
    head, rest = way[0], way[1:]
    if isinstance(body, list) and isinstance(head, int):
        sample = example[0] if isinstance(example, list) and example else None
        changed = [_with_example(body[head], rest, sample)] if rest else [sample] if sample is not None else []
        return [*body[:head], *changed, *body[head + 1 :]]
    if not isinstance(body, dict):
        return example
    name = str(head)
    has = isinstance(example, dict) and name in example
    if rest and name in body:
        return {**body, name: _with_example(body[name], rest, example[name] if has else None)}
    return {**body, name: example[name]} if has else {key: value for key, value in body.items() if key != name}


def echoed(body: Any, values: Json, ids: Json, deep: int = 1) -> Any:
    """The body with a path's values where it names their parameters, and with one thing's id for another's (`ids`)."""
    if not isinstance(body, dict):
        return ids.get(body, body) if isinstance(body, str) else body
    inner = {name: echoed(value, values, ids, deep - 1) if deep else value for name, value in body.items()}
    return inner | {name: value for name, value in values.items() if isinstance(inner.get(name), type(value))}


def read(body: Any, place: Place) -> Json:
    """The object at a place of a body, an empty one where there is none."""
    found = value_at(body, place)
    return found if isinstance(found, dict) else {}
