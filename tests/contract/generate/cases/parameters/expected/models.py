"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

Number: TypeAlias = int


GetItemResponse: TypeAlias = str


class Filter(Struct, kw_only=True):
    colour: str | UnsetType = UNSET


class Where(Struct, kw_only=True):
    x: int | UnsetType = UNSET


class GetItemParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_item`.
    """

    page: int = 1
    """
    Which page.
    """
    sort: list[Literal["up", "down"]] | UnsetType = UNSET
    filter: Filter | UnsetType = UNSET
    where: Where | UnsetType = UNSET
    x_request_id: str | UnsetType = UNSET
    session: str | UnsetType = UNSET
    header_token: str | UnsetType = UNSET
    query_token: str | UnsetType = UNSET
    since: datetime | UnsetType = UNSET
    size: Number = 7
