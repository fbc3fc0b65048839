"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, field

Disc: TypeAlias = Any


Dyn: TypeAlias = Any


Empty: TypeAlias = Any


Enum0: TypeAlias = None


class If(Struct, kw_only=True):
    a: str | UnsetType = UNSET


Loop: TypeAlias = Any


Multi: TypeAlias = Literal["a", 1] | None


Not: TypeAlias = Any


NullType: TypeAlias = None


Pattern: TypeAlias = dict[str, str]


class ReadOnlyRequired(Struct, kw_only=True):
    id: Any


Self: TypeAlias = Any


Tuple: TypeAlias = list[Any]


class Uneval(Struct, kw_only=True):
    a: Any | UnsetType = UNSET


FalseModel: TypeAlias = Any


TrueModel: TypeAlias = Any


class UNSETModel(Struct, kw_only=True):
    field_: int | UnsetType = field(name="_", default=UNSET)
    field__: int | UnsetType = field(name="__", default=UNSET)
    field_0: int | UnsetType = field(name="0", default=UNSET)


ListModel: TypeAlias = list[Any]


class GetAResponse(Struct, kw_only=True):
    x_f: str | UnsetType = field(name="x-f", default=UNSET)


DBody: TypeAlias = Any


GResponse: TypeAlias = GetAResponse


class X(Struct, kw_only=True):
    y: X | UnsetType = UNSET


class Inner(Struct, kw_only=True):
    b: int | UnsetType = UNSET


class Deep(Struct, kw_only=True):
    x: X | UnsetType = UNSET


class Defs(Struct, kw_only=True):
    a: Inner | UnsetType = UNSET


class RefSib(Struct, kw_only=True):
    """
    Needs a.
    """

    a: Inner


class GParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `g`.
    """

    a: Loop | UnsetType = UNSET
    b: X | UnsetType = UNSET
    c: list[Any] | None | UnsetType = UNSET
    d: Literal[1, 2] | UnsetType = UNSET
    e: int | list[str] | UnsetType = UNSET
    value: Any | UnsetType = UNSET
