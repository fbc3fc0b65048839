"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType


class Circle(Struct, kw_only=True):
    radius: float


Shape: TypeAlias = dict[str, Any]


class Square(Struct, kw_only=True):
    side: float


class TypeList(Struct, kw_only=True):
    x: str | UnsetType = UNSET


class Values(Struct, kw_only=True):
    fine: str | int | Circle | list[str] | UnsetType = UNSET
    words: str | UnsetType = UNSET
    lists: list[Any] | None | UnsetType = UNSET
    shape_or_null: Shape | None | UnsetType = UNSET
    map_or_shape: dict[str, Any] | bool | UnsetType = UNSET
    anything: Any | UnsetType = UNSET
    type_list: TypeList | list[int] | str | UnsetType = UNSET


WithMore: TypeAlias = dict[str, Any]
