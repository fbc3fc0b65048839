"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class Person(Struct, kw_only=True):
    name: str


class Address(Struct, kw_only=True):
    post_code: str | UnsetType = UNSET


class PersonCreate(Struct, kw_only=True):
    """
    A person, by one spelling or the other.
    """

    first_name: str
    """
    What friends say.
    """
    addresses: list[Address] | UnsetType = UNSET
