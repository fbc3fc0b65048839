"""When a call is made again, and how long to wait before it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

AGAIN = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a call is made (`attempts`, the first included) and how long it may wait in between, in seconds.

    A server that asks for more than `longest_wait` is not asked again; the error says when it may be.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def wait(self, tried: int, asked: float | None) -> float | None:
        """Seconds until the next attempt, None when there is none. `asked` is what the server wants."""
        if tried >= self.attempts or (asked is not None and asked > self.longest_wait):
            return None
        if asked is not None:
            return asked
        most = min(self.first_wait * 2.0 ** (tried - 1), self.longest_wait)
        return random.uniform(most / 2, most)  # noqa: S311 - it spreads callers, it keeps no secret


def seconds_of(retry_after: str | None) -> float | None:
    """A `Retry-After` field in seconds from now (RFC 9110, section 10.2.3); None where it is absent or cannot be read."""
    text = (retry_after or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
