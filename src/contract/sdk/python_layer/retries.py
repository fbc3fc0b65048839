"""Retries: which responses are retried, and the time between attempts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

RETRIED_STATUSES = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retries:
    """The number of attempts (the first included) and the waits between them in seconds.

    If the server asks for more than `longest_wait`, there is no retry; the error has the time. `sleep` replaces the wait (tests).
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 60.0
    sleep: Callable[[float], None] | None = None

    def wait(self, attempt: int, retry_after: float | None, attempts: int | None = None) -> float | None:
        """Seconds until the next attempt, None for no retry. `retry_after` is the server's demand."""
        if attempt >= (attempts or self.attempts) or (retry_after is not None and retry_after > self.longest_wait):
            return None
        if retry_after is not None:
            return retry_after
        longest = min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)
        return random.uniform(longest / 2, longest)  # noqa: S311 - spreads callers; not a secret

    def pause(self, seconds: float) -> None:
        """Wait."""
        (self.sleep or time.sleep)(seconds)

    async def pause_async(self, seconds: float) -> None:
        """Wait without blocking."""
        if self.sleep is not None:
            self.sleep(seconds)
            return
        import anyio  # noqa: PLC0415 - synchronous clients do not need it

        await anyio.sleep(seconds)


def seconds_of(retry_after: str | None) -> float | None:
    """A `Retry-After` header in seconds from now (RFC 9110, section 10.2.3); None if it is absent or invalid."""
    text = (retry_after or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
