"""The warm-up of a new IP address: receivers distrust one that starts with a high volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from misarmail_server.context import DAY

CURVE = ((2, 50), (5, 200), (7, 500), (14, 2_000), (21, 5_000), (30, 10_000))  # (last day, mails a day)
LAST_DAY = CURVE[-1][0]

Status = Literal["not_started", "warming", "active", "paused"]


@dataclass(frozen=True, slots=True)
class WarmupStage:
    """The position in the warm-up. `day` counts from 1, None before the start; `daily_limit` None means no limit."""

    status: Status
    day: int | None
    percent: int
    daily_limit: int | None


def of(started_at: int | None, now: int, *, is_enabled: bool) -> WarmupStage:
    """The warm-up of an address that started at `started_at`, None if it has not started."""
    if started_at is None:
        return WarmupStage("not_started", None, 0, 0)
    day = max(0, now - started_at) // DAY + 1
    percent = min(100, (day - 1) * 100 // LAST_DAY)
    if day > LAST_DAY:
        return WarmupStage("active", day, percent, None)
    if not is_enabled:
        return WarmupStage("paused", day, percent, None)
    return WarmupStage("warming", day, percent, next(limit for last, limit in CURVE if day <= last))
