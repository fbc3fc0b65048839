"""Reading MISARMAIL_RELAY: by which ways mail leaves, all of it or each of the two streams."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

STREAMS = ("transactional", "marketing")
FORM = "capture, direct, smtp://HOST:PORT or smtps://HOST:PORT"


class DeliveryMethod(NamedTuple):
    """`kind` is capture, direct or smtp; `relays` are tried in their order."""

    kind: str
    relays: tuple[SplitResult, ...] = ()

    @property
    def name(self) -> str:
        """The way without credentials, for people."""
        return ",".join(f"{url.scheme}://{url.netloc.rpartition('@')[2]}" for url in self.relays) or self.kind


def parse(value: str) -> dict[str, DeliveryMethod]:
    """The way of each stream. Raises ValueError for what is none."""
    if "=" not in value.partition(":")[0]:
        return dict.fromkeys(STREAMS, _way(value))
    pools = [part.strip().partition("=") for part in value.split(";") if part.strip()]
    ways = {stream: _way(way) for stream, _, way in pools}
    if set(ways) != set(STREAMS) or len(pools) != len(STREAMS):
        raise ValueError(value)
    return ways


def _way(value: str) -> DeliveryMethod:
    if value in {"capture", "direct"}:
        return DeliveryMethod(value)
    return DeliveryMethod("smtp", tuple(_relay(part.strip()) for part in value.split(",")))


def _relay(value: str) -> SplitResult:
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.port == 0:  # reading the port judges it
        raise ValueError(value)
    return parts
