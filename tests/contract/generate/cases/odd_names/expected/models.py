"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from builtins import int as int_aliased
from builtins import list as list_aliased
from builtins import str as str_aliased
from datetime import datetime as datetime_aliased
from typing import Literal, TypeAlias

from msgspec import UNSET as UNSET_aliased
from msgspec import Struct, UnsetType, field

ClassVar: TypeAlias = int


class Owner(Struct, kw_only=True):
    y: str_aliased | UnsetType = UNSET_aliased


class Self(Struct, kw_only=True):
    self: str_aliased | UnsetType = UNSET_aliased


N2Fast: TypeAlias = str


LiteralModel: TypeAlias = Literal["a"]


OptionalModel: TypeAlias = str


class StructModel(Struct, kw_only=True):
    literal: LiteralModel | UnsetType = UNSET_aliased


Datetime: TypeAlias = datetime_aliased


class MyOddSchema(Struct, kw_only=True):
    """
    Three \"\"\" quotes, a \\backslash and a "final quote"
    """

    class_: str_aliased | UnsetType = field(name="class", default=UNSET_aliased)
    from_: str_aliased | UnsetType = field(name="from", default=UNSET_aliased)
    a_b: str_aliased | UnsetType = field(name="a-b", default=UNSET_aliased)
    """
    ends with a quote"
    """
    a_b_1: int_aliased | UnsetType = field(name="a_b", default=UNSET_aliased)
    field_: str_aliased | UnsetType = field(name="", default=UNSET_aliased)
    field_1st: str_aliased | UnsetType = field(name="1st", default=UNSET_aliased)
    field_ref_like: str_aliased | UnsetType = field(name="$ref-like", default=UNSET_aliased)
    größe: str_aliased | UnsetType = UNSET_aliased
    list: list_aliased[str_aliased] | UnsetType = UNSET_aliased
    str: str_aliased | UnsetType = UNSET_aliased
    int: int_aliased | UnsetType = UNSET_aliased
    datetime: datetime_aliased | UnsetType = UNSET_aliased
    UNSET: str_aliased | UnsetType = UNSET_aliased
    field__1: str_aliased | UnsetType = field(name="field", default=UNSET_aliased)
    field__init__: str_aliased | UnsetType = field(name="__init__", default=UNSET_aliased)


class Owner1(Struct, kw_only=True):
    x: str_aliased | UnsetType = UNSET_aliased


class MyOddSchema2(Struct, kw_only=True):
    owner: Owner1 | UnsetType = UNSET_aliased


class UsersCreateOneParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `users.createOne`.
    """

    class_: str_aliased | UnsetType = UNSET_aliased
    filter_name: str_aliased | UnsetType = UNSET_aliased
    header_x_trace: str_aliased | UnsetType = UNSET_aliased
    header_x_trace_2: str_aliased | UnsetType = UNSET_aliased


class AnyModel(Struct, kw_only=True):
    struct: StructModel | UnsetType = UNSET_aliased


class NoneModel(Struct, kw_only=True):
    any: AnyModel | UnsetType = UNSET_aliased
