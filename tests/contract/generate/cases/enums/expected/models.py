"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from builtins import list as list_aliased
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

Word: TypeAlias = Literal["one", "two words", 'quote"d', "", "ünï"]


class Choices(Struct, kw_only=True):
    word: Word
    number: Literal[1, -2] | UnsetType = UNSET
    mixed: Literal[1, "a"] | None | UnsetType = UNSET
    untyped: Literal["a", "b"] | UnsetType = UNSET
    fraction: float | UnsetType = UNSET
    switch: bool | UnsetType = UNSET
    object: dict[str, Any] | UnsetType = UNSET
    nullable: Literal["a"] | None | UnsetType = UNSET
    huge: int | UnsetType = UNSET
    list: list_aliased[Literal["x", "y"]] | UnsetType = UNSET
