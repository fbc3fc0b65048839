"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

GetPetsResponseDefault: TypeAlias = list[str]


class PostPetsBody(Struct, kw_only=True):
    name: str


GetPetsPetIdJsonResponse: TypeAlias = Any


GetResponse: TypeAlias = Any
