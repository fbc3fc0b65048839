"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, field


class BoxPatch(Struct, kw_only=True):
    delete: bool | UnsetType = UNSET
    force: bool | UnsetType = UNSET
    reset: None | UnsetType = UNSET
    mode: Literal["purge"] | UnsetType = UNSET
    level: Literal[3] | UnsetType = UNSET
    name: str | UnsetType = UNSET


Colour: TypeAlias = Literal["red", "green"]


class Done(Struct, kw_only=True):
    success: bool = True
    """
    It worked.
    """
    kind: Literal["done"] = "done"
    version: Literal[2] | UnsetType = UNSET


class Side(Struct, kw_only=True):
    length: int | UnsetType = UNSET


class Box(Struct, kw_only=True):
    size: int = 3
    ratio: float = 1
    label: str = 'a "quoted" \\ label'
    open: bool = False
    note: str | None = None
    colour: Colour = "red"
    other: Colour = "green"
    """
    Another.
    """
    tags: list[str] = field(default_factory=lambda: ["a", "b"])
    empty: list[Side] = field(default_factory=list)
    map: dict[str, int] = field(default_factory=dict)
    free: Any = 7
    wrong_type: int | UnsetType = UNSET
    wrong_choice: Literal["a"] | UnsetType = UNSET
    not_null: str | UnsetType = UNSET
    moment: datetime | UnsetType = UNSET
    side: Side | UnsetType = UNSET
