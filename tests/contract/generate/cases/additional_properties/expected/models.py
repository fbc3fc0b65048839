"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType, field


class Circle(Struct, kw_only=True, tag_field="kind", tag="Circle"):
    additional_properties: str | UnsetType = UNSET
    contract_additional_properties: dict[str, Any] = field(name="contract:additional_properties", default_factory=dict)
    """
    All other properties.
    """


class Closed(Struct, kw_only=True):
    a: str | UnsetType = UNSET


Prefixed: TypeAlias = dict[str, int]


class Size(Struct, kw_only=True):
    unit: str
    additional_properties: dict[str, int] = field(name="contract:additional_properties", default_factory=dict)
    """
    All other properties.
    """


class Square(Struct, kw_only=True, tag_field="kind", tag="Square"):
    additional_properties: dict[str, float | str] = field(name="contract:additional_properties", default_factory=dict)
    """
    All other properties.
    """


class Thing(Struct, kw_only=True):
    id: int
    note: str | UnsetType = UNSET
    inner: Thing | UnsetType = UNSET
    additional_properties: dict[str, Size] = field(name="contract:additional_properties", default_factory=dict)
    """
    All other properties.
    """


CreateShapesBody1: TypeAlias = Square | Circle


CreateShapesBody: TypeAlias = list[CreateShapesBody1]


CreateShapesResponse: TypeAlias = list[Square]


class Extended(Size, kw_only=True):
    weight: int | UnsetType = UNSET
