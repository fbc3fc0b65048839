"""Conversion of a validated value to its model, and of a result to what msgspec encodes.

Values that the schema allows and Python cannot hold are refused here. Properties beside the declared ones are beside the others on the wire
and in a field of the model. Only models with such a field pay for it: a value is arranged by its type before msgspec converts it, and a
model by its class before msgspec encodes it, so that no name in a request can be taken for the field's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from contract.runtime.problems import Problem, Violation, invalid

FIELD = "contract:additional_properties"  # the name of the field for msgspec; no property of a document is called so
Arrange = Callable[[Any], Any]


def to_model(value: Any, model: Any, *, is_parameters: bool = False) -> Any:
    """The value as its model. Raises Problem 400 for a value that Python cannot hold, such as 23:59:60 or the year 0."""
    arrange = arrangement(model)
    if arrange is not None:
        value = arrange(value)
    try:
        return msgspec.convert(value, model)
    except msgspec.ValidationError:
        return _with_integers(value, model, is_parameters)


def _with_integers(value: Any, model: Any, is_parameters: bool) -> Any:  # noqa: FBT001 - from to_model
    """Convert with `1.0` as `1`, which is an integer in JSON Schema."""
    try:
        return msgspec.convert(_floats_to_integers(value), model)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), is_parameters) from error


def _floats_to_integers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _floats_to_integers(item) for key, item in value.items()}
        case list():
            return [_floats_to_integers(item) for item in value]
        case _:
            return value


def _refusal(sentence: str, is_parameters: bool) -> Problem:  # noqa: FBT001 - from to_model
    """The problem for a message of msgspec, which ends in "- at `$.field...`"."""
    reason, _, location = sentence.rpartition(" - at `$")
    field = location.strip("`").lstrip(".").replace("[", ".").partition(".")[0][:200]
    return invalid([Violation((field,) if field else (), reason or sentence, is_parameters)])


@cache
def arrangement(model: Any) -> Arrange | None:
    """The function that moves additional properties into their fields; None if no model in the type has any."""
    type_ = inspect.type_info(model)
    return (lambda value: _arranged(value, type_)) if any(map(_is_open, _classes(type_, set()))) else None


def encodable(value: Any) -> Any:
    """A handler's result with additional properties beside the declared ones; the same object if no model in it has any."""
    return _flat(value) if _contains_open(value) else value


def _contains_open(value: Any) -> bool:
    if isinstance(value, msgspec.Struct):
        return arrangement(type(value)) is not None
    if isinstance(value, (list, dict)):
        return any(map(_contains_open, value if isinstance(value, list) else value.values()))
    return False


def _flat(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        members = {name: _flat(item) for attribute, name in _names(type(value)) if (item := getattr(value, attribute)) is not msgspec.UNSET}
        extra = members.pop(FIELD, {})
        tag = {value.__struct_config__.tag_field: value.__struct_config__.tag} if value.__struct_config__.tag_field else {}
        return {**tag, **members, **{name: item for name, item in extra.items() if name not in members and name not in tag}}
    if isinstance(value, dict):
        return {name: _flat(item) for name, item in value.items()}
    return [_flat(item) for item in value] if isinstance(value, list) else value


@cache
def _names(model: type[msgspec.Struct]) -> list[tuple[str, str]]:
    """(attribute, name on the wire) of each field."""
    return [(field.name, field.encode_name) for field in msgspec.structs.fields(model)]


def _arranged(value: Any, type_: inspect.Type) -> Any:
    match _branch(type_, value):
        case inspect.StructType() as struct:
            fields = {field.encode_name: field.type for field in struct.fields}
            extra = fields.pop(FIELD, None)
            members = {name: _arranged(item, fields[name]) for name, item in value.items() if name in fields}
            others = {name: item for name, item in value.items() if name not in fields and name != struct.tag_field}
            tag = {struct.tag_field: value[struct.tag_field]} if struct.tag_field and struct.tag_field in value else {}
            return {**tag, **members, **({} if extra is None else {FIELD: _arranged(others, extra)})}
        case inspect.DictType() as mapping:
            return {name: _arranged(item, mapping.value_type) for name, item in value.items()}
        case inspect.ListType() as items:
            return [_arranged(item, items.item_type) for item in value]
        case _:
            return value


def _branch(type_: inspect.Type, value: Any) -> inspect.Type | None:
    """The part of a type that decodes a value: an object has a map, one class, or one of several classes, which a tag tells apart."""
    branches = type_.types if isinstance(type_, inspect.UnionType) else (type_,)
    if isinstance(value, list):
        return next((branch for branch in branches if isinstance(branch, inspect.ListType)), None)
    if not isinstance(value, dict):
        return None
    objects = [branch for branch in branches if isinstance(branch, (inspect.StructType, inspect.DictType))]
    tagged = [branch for branch in objects if isinstance(branch, inspect.StructType) and branch.tag_field is not None]
    return next((branch for branch in tagged if value.get(branch.tag_field) == branch.tag), next(iter(objects), None))


def _is_open(struct: inspect.StructType) -> bool:
    return any(field.encode_name == FIELD for field in struct.fields)


def _classes(type_: inspect.Type, visited: set[type]) -> Iterator[inspect.StructType]:
    """Every class in a type, once."""
    match type_:
        case inspect.StructType() if type_.cls not in visited:
            visited.add(type_.cls)
            yield type_
            for field in type_.fields:
                yield from _classes(field.type, visited)
        case inspect.UnionType():
            for branch in type_.types:
                yield from _classes(branch, visited)
        case inspect.DictType():
            yield from _classes(type_.value_type, visited)
        case inspect.ListType():
            yield from _classes(type_.item_type, visited)
        case _:
            return
