"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType


class Done(Struct, kw_only=True):
    done: bool | UnsetType = UNSET


class Later(Struct, kw_only=True):
    later: bool | UnsetType = UNSET


ListJobsResponse: TypeAlias = list[Done]


ListJobsResponse203: TypeAlias = list[str]
