"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import TypeAlias

ListEventsResponse: TypeAlias = list[int]
