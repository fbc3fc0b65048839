"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from builtins import list as list_aliased
from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType


class Maybe1(Struct, kw_only=True):
    a: str | UnsetType = UNSET


Maybe: TypeAlias = Maybe1 | None


MaybeText: TypeAlias = str | None


class Name(Struct, kw_only=True):
    text: str | UnsetType = UNSET


class Inline(Struct, kw_only=True):
    x: int | UnsetType = UNSET


class Thing(Struct, kw_only=True):
    must: str
    must_and_may_be_null: str | None
    may_be_absent: str | UnsetType = UNSET
    may_be_both: str | None | UnsetType = UNSET
    word: Literal["a", "b"] | None | UnsetType = UNSET
    list: list_aliased[int | None] | None | UnsetType = UNSET
    map: dict[str, str] | None | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    inline: Inline | None | UnsetType = UNSET
    maybe: Maybe | UnsetType = UNSET
    maybe_text: MaybeText | UnsetType = UNSET
    when: datetime | None | UnsetType = UNSET
