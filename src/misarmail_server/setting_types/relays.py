"""Parses MISARMAIL_RELAY: how mail leaves, for all mail or for each of the two streams."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

STREAMS = ("transactional", "marketing")
CAPTURE, DIRECT, RELAY = "capture", "direct", "smtp"
FORMAT = "capture, direct, smtp://HOST:PORT or smtps://HOST:PORT"


class DeliveryMethod(NamedTuple):
    """`kind` is capture, direct or smtp; `relays` are tried in order."""

    kind: str
    relays: tuple[SplitResult, ...] = ()

    @property
    def name(self) -> str:
        """The method without credentials, for display."""
        return ",".join(f"{url.scheme}://{url.netloc.rpartition('@')[2]}" for url in self.relays) or self.kind


@lru_cache(maxsize=16)
def parse(value: str) -> dict[str, DeliveryMethod]:
    """The delivery method of each stream. Raises ValueError for an invalid value."""
    if "=" not in value.partition(":")[0]:
        return dict.fromkeys(STREAMS, _method(value))
    pools = [part.strip().partition("=") for part in value.split(";") if part.strip()]
    methods = {stream: _method(method) for stream, _, method in pools}
    if set(methods) != set(STREAMS) or len(pools) != len(STREAMS):
        raise ValueError(value)
    return methods


def _method(value: str) -> DeliveryMethod:
    if value in {CAPTURE, DIRECT}:
        return DeliveryMethod(value)
    return DeliveryMethod(RELAY, tuple(_relay(part.strip()) for part in value.split(",")))


def _relay(value: str) -> SplitResult:
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.port == 0:  # reading the port validates it
        raise ValueError(value)
    return parts
