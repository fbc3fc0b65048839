"""One mail to one recipient, as a transport takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

BeforeDot = Callable[[], None]  # called when nothing but the end of the content is missing, before that end can be on the wire
Stream = Literal["transactional", "marketing"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`content` has CRLF line ends only. `source` is the address of ours that it must leave from, None for any."""

    sender: str
    recipient: str
    content: bytes
    stream: Stream = "transactional"
    source: str | None = None


def unmarked() -> None:
    """The mark of who keeps none."""
