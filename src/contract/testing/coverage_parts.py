"""The parts of a document whose coverage is measured."""

from __future__ import annotations

from typing import Literal, get_args

Part = Literal["responses", "media types", "examples", "links"]
PARTS: tuple[Part, ...] = get_args(Part)
