"""One mail to one recipient, as a transport takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

BeforeDot = Callable[[], None]  # called when nothing but the end of the content is missing, before that end can be on the wire
Stream = Literal["transactional", "marketing"]


@dataclass(frozen=True, slots=True)
class Source:
    """An address of ours to send from. `hostname` is what EHLO says then; None for the usual."""

    address: str
    hostname: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`content` has CRLF line ends only. `source` is where it leaves from, None for any address of ours."""

    sender: str
    recipient: str
    content: bytes
    stream: Stream = "transactional"
    source: Source | None = None


def unmarked() -> None:
    """The mark of who keeps none."""
