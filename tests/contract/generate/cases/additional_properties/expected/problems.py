"""The contract's error codes. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import TypeAlias

Code: TypeAlias = str

STATUSES: dict[str, tuple[int, ...]] = {}
