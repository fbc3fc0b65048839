"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

File: TypeAlias = str


class VLAN(Struct, kw_only=True):
    vid: int


class VLan(Struct, kw_only=True):
    dash: bool


class Vlan2(Struct, kw_only=True):
    low: bool


class Vlan(Struct, kw_only=True):
    name: str
    other: VLAN | UnsetType = UNSET
    third: Vlan2 | UnsetType = UNSET


ListVlansResponse: TypeAlias = list[Vlan]
