"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

GetPetsAnswerDefault: TypeAlias = list[str]


class PostPetsBody(Struct, kw_only=True):
    name: str


GetPetsPetIdJsonAnswer: TypeAlias = Any


GetAnswer: TypeAlias = Any
