"""The contract's error codes. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Literal, TypeAlias

Code: TypeAlias = Literal[
    "broken",
    "missing",
    "taken",
    "wrong",
]

STATUSES: dict[str, tuple[int, ...]] = {
    "broken": (400,),
    "missing": (404,),
    "taken": (409,),
    "wrong": (400, 409),
}
