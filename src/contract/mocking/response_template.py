"""The documented response of an operation as a template: bodies with the same envelope and another resource, validated by the schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import msgspec
from jsonschema_rs import Draft202012Validator, ValidationErrorKind

from contract.mocking.envelopes import ResponsePart, ValuePath, at, value_at, with_value
from contract.openapi.operations import Operation
from contract.openapi.references import Json
from contract.runtime.platform import EncodedResponse

MAX_REPAIRS = 12  # after that the example itself is the response


@dataclass(frozen=True, slots=True, eq=False)
class ResponseTemplate:
    """The documented response of an operation: in bytes, as a value, and the validator of its schema."""

    operation: Operation
    encoded: EncodedResponse
    root: ResponsePart
    validator: Draft202012Validator
    has_example: bool = False  # rather than a value generated from the schema
    _parts: dict[ValuePath, ResponsePart] = field(default_factory=dict)

    def at(self, path: ValuePath) -> ResponsePart:
        """The part at a path."""
        if path not in self._parts:
            self._parts[path] = at(self.root, path)
        return self._parts[path]

    @property
    def body(self) -> Any:
        """The example."""
        return self.root.example

    def fits(self, body: Any) -> bool:
        """Whether the schema accepts a body."""
        return self.validator.is_valid(body)

    def repaired(self, body: Any) -> Any:
        """The body; values that the schema refuses are replaced by the example's. None if that does not help."""
        for _ in range(MAX_REPAIRS):
            error = next(iter(self.validator.iter_errors(body)), None)
            if error is None:
                return body
            path = list(error.instance_path)
            if isinstance(error.kind, ValidationErrorKind.Required):
                path.append(error.kind.property)
            if not path:
                return None
            body = _with_example(body, path, self.body)
        return None

    def item(self, value: Json, path: ValuePath) -> Json:
        """The properties of a resource that this response has, and missing required ones from the example."""
        return visible_properties(self.at(path), value)

    def row(self, value: Json, path: ValuePath) -> Json:
        """The properties of a resource in the list at a path."""
        if (*path, "") not in self._parts:
            self._parts[*path, ""] = self.at(path).element()
        return visible_properties(self._parts[*path, ""], value)

    def with_item(self, value: Json, path: ValuePath) -> Any:
        """The body with this resource, None if the schema refuses it."""
        return self.repaired(with_value(self.body, path, self.item(value, path)))

    def encode(self, body: Any) -> EncodedResponse:
        """The response with another body. Its entity tag is that of the body."""
        content = msgspec.json.encode(body)
        headers = [(name, _tag(content) if name.lower() == "etag" else value) for name, value in self.encoded.headers]
        return self.encoded._replace(body=content, headers=headers)


def visible_properties(part: ResponsePart, resource: Json) -> Json:
    """The properties of a resource that a part of a response has, and missing required ones."""
    properties = part.properties
    return part.required({name: value for name, value in resource.items() if name in properties or not properties})


def _tag(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def _with_example(body: Any, path: list[str | int], example: Any) -> Any:
    """The body with the example's value at a path, or without the value if the example has none."""
    head, remaining = path[0], path[1:]
    if isinstance(body, list) and isinstance(head, int):
        sample = example[0] if isinstance(example, list) and example else None
        changed = [_with_example(body[head], remaining, sample)] if remaining else [sample] if sample is not None else []
        return [*body[:head], *changed, *body[head + 1 :]]
    if not isinstance(body, dict):
        return example
    name = str(head)
    has_example = isinstance(example, dict) and name in example
    if remaining and name in body:
        return {**body, name: _with_example(body[name], remaining, example[name] if has_example else None)}
    return {**body, name: example[name]} if has_example else {key: value for key, value in body.items() if key != name}


def with_request_values(body: Any, values: Json, ids: Json, deep: int = 1) -> Any:
    """The body with path values in the properties of the same name, and with ids replaced by `ids`."""
    if not isinstance(body, dict):
        return ids.get(body, body) if isinstance(body, str) else body
    members = {name: with_request_values(value, values, ids, deep - 1) if deep else value for name, value in body.items()}
    return members | {name: value for name, value in values.items() if isinstance(members.get(name), type(value))}


def object_at(body: Any, path: ValuePath) -> Json:
    """The object at a path of a body, empty if there is none."""
    value = value_at(body, path)
    return value if isinstance(value, dict) else {}
