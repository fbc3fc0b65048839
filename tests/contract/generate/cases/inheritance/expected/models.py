"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType


class Animal(Struct, kw_only=True):
    name: str
    weight: float | UnsetType = UNSET


class Both(Struct, kw_only=True):
    """
    Two parents, so it is flat.
    """

    name: str
    tag: str | UnsetType = UNSET
    weight: float | UnsetType = UNSET


class Dog(Animal, kw_only=True):
    """
    Becomes a subclass.
    """

    breed: str


Either: TypeAlias = Animal
"""
Conditions alone do not make another type.
"""


class Puppy(Dog, kw_only=True):
    """
    So does this, of a subclass.
    """

    age_in_weeks: int | UnsetType = UNSET


Renamed: TypeAlias = Animal
"""
Only narrows what it inherits, which is another name for it.
"""


class Tagged(Struct, kw_only=True):
    tag: str | UnsetType = UNSET


Text: TypeAlias = str


class Weighed(Struct, kw_only=True):
    """
    Requires what it inherits, so it is flat.
    """

    name: str
    weight: float


Alias: TypeAlias = Animal
"""
Nothing of its own.
"""
