"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

Id: TypeAlias = str


class OnlySent(Struct, kw_only=True):
    """
    Is never in a response, so there is one model.
    """

    secret: str


class Same(Struct, kw_only=True):
    x: str | UnsetType = UNSET


class Account(Struct, kw_only=True):
    id: Id
    email: str
    same: Same | UnsetType = UNSET


class AccountInput(Struct, kw_only=True):
    email: str
    password: str
    same: Same | UnsetType = UNSET


class Team(Struct, kw_only=True):
    """
    Differs because its members do.
    """

    members: list[Account] | UnsetType = UNSET


class TeamInput(Struct, kw_only=True):
    """
    Differs because its members do.
    """

    members: list[AccountInput] | UnsetType = UNSET
