"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

Code: TypeAlias = Literal["taken", "wrong"]


class Event(Struct, kw_only=True):
    id: str | UnsetType = UNSET


class Problem(Struct, kw_only=True):
    code: Literal["wrong", "broken", "missing"] | UnsetType = UNSET


ListPetsResponse: TypeAlias = list[str]
