"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType


class Bike(Struct, kw_only=True, tag_field="power", tag="Bike"):
    wheels: int | UnsetType = UNSET


class Blue(Struct, kw_only=True):
    hue: str | UnsetType = UNSET


class Car(Struct, kw_only=True, tag_field="power", tag="petrol"):
    doors: int | UnsetType = UNSET
    wheels: int | UnsetType = UNSET


class Red(Struct, kw_only=True):
    hue: str | UnsetType = UNSET


Undecidable: TypeAlias = dict[str, Any]
"""
Two values for one schema.
"""


Vehicle: TypeAlias = Bike | Car
"""
Is one of those that extend it.
"""


class CatV1(Struct, kw_only=True, tag_field="@kind", tag="cat"):
    lives: int


CreatePetResponse: TypeAlias = list[Vehicle]


class Dog(Struct, kw_only=True, tag_field="@kind", tag="Dog"):
    friend: Pet | None | UnsetType = UNSET


Pet: TypeAlias = CatV1 | Dog
