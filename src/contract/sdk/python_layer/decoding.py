"""JSON as typed values. msgspec decodes what it can; the rest is decoded here: unions of objects, tuples and additional properties."""

from __future__ import annotations

import types
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import UnsetType, ValidationError
from typing_extensions import TypeAliasType, Unpack, override

Convert = Callable[[Any], "tuple[Any, int]"]  # the typed value, and the number of members of objects that its type does not know
UNIONS = (Union, types.UnionType)
SPECIFIC_FIRST = (bool, int, float, datetime)


class TypeKey:
    """A type as the key of a cache: `list[Literal[1]]` and `list[Literal[True]]` are equal, but are not the same type."""

    __slots__ = ("text", "type")

    def __init__(self, type_: Any) -> None:
        self.type = type_
        self.text = repr(type_)

    @override
    def __hash__(self) -> int:
        return hash(self.text)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeKey) and self.text == other.text and bool(self.type == other.type)


def decode(body: bytes, type_: Any) -> Any:
    """A JSON text as a value of the type. Raises ValueError, which includes msgspec.ValidationError."""
    decoder = _decoder(TypeKey(type_))
    return decoder.decode(body) if decoder is not None else convert(msgspec.json.decode(body), type_)


def convert(value: Any, type_: Any) -> Any:
    """A JSON value as a value of the type. Raises msgspec.ValidationError."""
    return _converter(TypeKey(type_), counts=False)(value)[0]


@cache
def _decoder(key: TypeKey) -> msgspec.json.Decoder[Any] | None:
    """The decoder of msgspec, for a type that it supports completely."""
    try:
        return None if _is_open(key.type, set()) else msgspec.json.Decoder(key.type)
    except (TypeError, NameError):
        return None


def _is_open(type_: Any, visited: set[Any]) -> bool:
    """Whether a type contains what msgspec does not support, or a model with additional properties or unusual names.

    msgspec is not asked: after it refused a type, models inside of it that contain themselves are half made, and decoding one crashes.
    """
    if isinstance(type_, TypeAliasType) or not _is_supported(type_):
        return True
    if not _is_model(type_):
        return any(_is_open(argument, visited) for argument in get_args(type_))
    if type_ in visited:
        return False
    visited.add(type_)
    return hasattr(type_, "__open__") or hasattr(type_, "__names__") or any(_is_open(field.type, visited) for field in _fields(type_))


def _is_supported(type_: Any) -> bool:
    """Whether msgspec can tell the members of a union apart, and has the form of a literal or of a tuple."""
    if get_origin(type_) is Literal:
        return all(choice is None or type(choice) in {int, str} for choice in get_args(type_))
    if get_origin(type_) is tuple:
        return not any(argument == () or get_origin(argument) is Unpack for argument in get_args(type_))
    if get_origin(type_) not in UNIONS:
        return True
    kinds = [kind for member in get_args(type_) for kind in _kinds(member)]
    return len(kinds) == len(set(kinds))


def _kinds(type_: Any) -> set[Any]:
    """The JSON values that a member of a union may be."""
    if get_origin(type_) is Literal:
        return {type(choice) for choice in get_args(type_)}
    if _is_model(type_):
        return {dict}
    return {{tuple: list, datetime: str}.get(get_origin(type_) or type_, get_origin(type_) or type_)}


def _is_model(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


@cache
def _fields(model: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(model)


@cache
def _converter(key: TypeKey, *, counts: bool) -> Convert:
    """The function that reads values of a type. Without `counts`, the number of unknown members may be 0 wherever msgspec decodes."""
    type_ = key.type
    if type_ in {Any, object}:
        return lambda value: (value, 0)
    if not counts and _decoder(key) is not None:
        return _scalar(type_)
    origin = Union if get_origin(type_) in UNIONS else get_origin(type_)
    if origin in GENERICS:
        return GENERICS[origin](get_args(type_), counts=counts)
    if isinstance(type_, TypeAliasType):
        return _alias(type_, counts=counts)
    return _model(type_, counts=counts) if _is_model(type_) else _scalar(type_)


def _next(type_: Any, *, counts: bool) -> Convert:
    """The converter of a type inside another one, looked up when it is needed: types may contain themselves."""
    key = TypeKey(type_)

    def run(value: Any) -> tuple[Any, int]:
        return _converter(key, counts=counts)(value)

    return run


def _alias(alias: TypeAliasType, *, counts: bool) -> Convert:
    def run(value: Any) -> tuple[Any, int]:
        return _converter(TypeKey(_alias_value(alias)), counts=counts)(value)

    return run


@cache
def _alias_value(alias: TypeAliasType) -> Any:
    """The type of an alias, whose text may name later classes of its module."""
    value = alias.__value__
    return eval(value, vars(__import__(str(alias.__module__), fromlist=["_"]))) if isinstance(value, str) else value  # noqa: S307 - generated code


def _scalar(type_: Any) -> Convert:
    return lambda value: (msgspec.convert(value, None if type_ is type(None) else type_), 0)


def _literal(choices: tuple[Any, ...], *, counts: bool) -> Convert:
    del counts
    allowed = {(type(choice), choice) for choice in choices}

    def run(value: Any) -> tuple[Any, int]:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, str | int | bool | None) or (type(value), value) not in allowed:
            raise ValidationError(f"Must be one of {', '.join(map(repr, choices))}")
        return value, 0

    return run


def _union(types_: tuple[Any, ...], *, counts: bool) -> Convert:
    """The branch that reads the value, the one that knows most of its members if there are several.

    Where the discriminator of the value selects models, the others are tried only if those cannot read it.
    """
    several = counts or len([type_ for type_ in types_ if type_ not in {UnsetType, type(None)}]) > 1
    ordered = [type_ for type_ in sorted(types_, key=_specificity) if type_ is not UnsetType]
    branches = [_next(type_, counts=several) for type_ in ordered]
    tags = [getattr(type_, "__tags__", None) for type_ in ordered]

    def run(value: Any) -> tuple[Any, int]:
        selected = _selected(branches, tags, value)
        reasons: list[str] = []
        best = _best(selected, value, reasons)
        if best is None and len(selected) < len(branches):  # another one may read all of it
            other = _best(branches, value, [])
            best = other if other is not None and other[1] == 0 else None
        if best is None:
            raise ValidationError("; ".join(dict.fromkeys(reasons)))
        return best

    return run


def _best(branches: list[Convert], value: Any, reasons: list[str]) -> tuple[Any, int] | None:
    """The result of the branch that knows most members. The errors of the others are added to the reasons."""
    best = None
    for branch in branches:
        try:
            candidate = branch(value)
        except ValidationError as error:
            reasons.append(str(error))
            continue
        if best is None or candidate[1] < best[1]:
            best = candidate
        if best[1] == 0:
            break
    return best


def _selected(branches: list[Convert], tags: list[dict[str, list[str]] | None], value: Any) -> list[Convert]:
    """The branches that the discriminator of a value allows; all if it names none of them."""
    if not isinstance(value, dict):
        return branches
    named = [tag is not None and any(value.get(name) in values for name, values in tag.items()) for tag in tags]
    return (
        [branch for branch, tag, is_named in zip(branches, tags, named, strict=True) if is_named or tag is None] if any(named) else branches
    )


def _specificity(type_: Any) -> int:
    """The order of branches: a fixed value before a time, a time before text."""
    if get_origin(type_) is Literal:
        return 0
    return SPECIFIC_FIRST.index(type_) + 1 if type_ in SPECIFIC_FIRST else len(SPECIFIC_FIRST) + 1


def _list(items: tuple[Any, ...], *, counts: bool) -> Convert:
    convert_item = _next(items[0], counts=counts)

    def run(value: Any) -> tuple[Any, int]:
        if not isinstance(value, list):
            raise ValidationError("Must be an array")
        results = [_at(index, convert_item, each) for index, each in enumerate(value)]
        return [result for result, _ in results], sum(count for _, count in results)

    return run


def _mapping(items: tuple[Any, ...], *, counts: bool) -> Convert:
    convert_item = _next(items[1], counts=counts)

    def run(value: Any) -> tuple[Any, int]:
        if not isinstance(value, dict):
            raise ValidationError("Must be an object")
        results = {name: _at(name, convert_item, each) for name, each in value.items()}
        return {name: result for name, (result, _) in results.items()}, sum(count for _, count in results.values())

    return run


def _tuple(items: tuple[Any, ...], *, counts: bool) -> Convert:
    rest = get_args(get_args(items[-1])[0])[0] if items and get_origin(items[-1]) is Unpack else None
    first = [_next(item, counts=counts) for item in (items[:-1] if rest is not None else items) if item != ()]
    convert_rest = _next(rest, counts=counts) if rest is not None else None

    def run(value: Any) -> tuple[Any, int]:
        if not isinstance(value, list) or len(value) < len(first) or (convert_rest is None and len(value) > len(first)):
            raise ValidationError(f"Must be an array of {len(first)} items{' or more' if convert_rest else ''}")
        converters = first + [convert_rest] * (len(value) - len(first)) if convert_rest else first
        results = [_at(index, converter, each) for index, (converter, each) in enumerate(zip(converters, value, strict=True))]
        return tuple(result for result, _ in results), sum(count for _, count in results)

    return run


GENERICS: dict[Any, Callable[..., Convert]] = {
    Literal: _literal,
    Union: _union,
    list: _list,
    dict: _mapping,
    tuple: _tuple,
}


def _model(model: type[msgspec.Struct], *, counts: bool) -> Convert:
    open_field = "additional_properties" if getattr(model, "__open__", False) else None
    names = getattr(model, "__names__", {})
    fields = [
        (field, names.get(field.name, field.encode_name), _next(field.type, counts=counts))
        for field in _fields(model)
        if field.name != open_field
    ]
    convert_extra = next((_next(field.type, counts=counts) for field in _fields(model) if field.name == open_field), None)
    known = {name for _, name, _ in fields}

    def run(value: Any) -> tuple[Any, int]:
        if not isinstance(value, dict):
            raise ValidationError("Must be an object")
        members, unknown = {}, 0
        for field, name, converter in fields:
            if name in value:
                members[field.name], count = _at(name, converter, value[name])
                unknown += count
            elif field.required:
                raise ValidationError(f"Object missing required field `{name}`")
        extra = {name: each for name, each in value.items() if name not in known}
        if convert_extra is not None:
            members["additional_properties"], count = convert_extra(extra)
            return model(**members), unknown + count
        return model(**members), unknown + len(extra)

    return run


def _at(key: str | int, converter: Convert, value: Any) -> tuple[Any, int]:
    """Convert a member or an item. Its errors say where they are."""
    try:
        return converter(value)
    except ValidationError as error:
        text = str(error)
        reason, _, inner = text.partition(" - at `$") if text.endswith("`") else (text, "", "`")
        step = f"[{key}]" if isinstance(key, int) else f".{key}"
        raise ValidationError(f"{reason} - at `${step}{inner or '`'}") from None
