"""When mail that was not delivered is retried, and when it is given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from misarmail_server.context import SECOND
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.rows.recipient_states import MARKETING
from misarmail_server.settings import Settings

RETRIED_OUTCOMES = frozenset({"deferred", "held", "ambiguous"})
JITTER = 0.2  # so that mails deferred together are not retried together

Draw = Callable[[], float]  # a number in [0, 1)


def conclude(row: Leased, outcome: Outcome, settings: Settings, *, at: int, pause_seconds: float, draw: Draw) -> Settlement:
    """The settlement of an outcome at the time `at`.

    Deferred mail comes back by the schedule, and so does transactional mail that may have arrived (with the same Message-ID, by which
    receivers know it); ambiguous marketing mail is not sent again, unless the settings say so. Mail held by a relay that is down comes back
    after `pause_seconds`; no mail later than its deadline. At the deadline it bounces with the last reply, and so does mail for a receiver
    that refuses all mail; mail that only waits for its turn keeps waiting.
    """
    is_given_up = outcome.state == "ambiguous" and row.priority == MARKETING and not settings.resends_marketing
    if is_given_up or (outcome.state not in RETRIED_OUTCOMES and outcome.after_seconds is None):
        return Settlement(row, outcome)
    delay = _delay(row, outcome, settings, pause_seconds=pause_seconds, draw=draw)
    if outcome.state == "released" and not outcome.text:
        return Settlement(row, outcome, at + int(delay * SECOND))
    gives_up_at = _gives_up_at(row, outcome, settings, at)
    if at >= gives_up_at:
        return Settlement(row, replace(outcome, state="bounced", after_seconds=None))
    return Settlement(row, outcome, min(at + int(delay * SECOND), gives_up_at))


def _gives_up_at(row: Leased, outcome: Outcome, settings: Settings, at: int) -> int:
    """The deadline is earlier for marketing. A campaign may be paused or take days, so its mail counts from about the first attempt."""
    is_tried = outcome.state in {"deferred", "ambiguous"}
    seconds = settings.give_up_marketing_seconds if row.priority == MARKETING and is_tried else settings.give_up_seconds
    ends = row.due_since + int(seconds * SECOND)
    if row.campaign_id is None or not is_tried:
        return ends
    return max(ends, at + int((seconds - _tried_seconds(row.attempt, settings.retry_delays)) * SECOND))


def _tried_seconds(attempt: int, delays: Sequence[float]) -> float:
    """How long the schedule takes up to that attempt."""
    return sum(delays[: attempt - 1]) + delays[-1] * max(0, attempt - 1 - len(delays))


def _delay(row: Leased, outcome: Outcome, settings: Settings, *, pause_seconds: float, draw: Draw) -> float:
    if outcome.after_seconds is not None:
        return outcome.after_seconds
    return jittered(pause_seconds, draw) if outcome.state == "held" else retry_delay(row.attempt, settings.retry_delays, draw)


def retry_delay(attempt: int, delays: Sequence[float], draw: Draw) -> float:
    """Seconds until the next attempt; the first attempt is 1, and the last delay repeats."""
    return jittered(delays[min(attempt, len(delays)) - 1], draw)


def jittered(seconds: float, draw: Draw) -> float:
    """The duration, shortened or lengthened by up to a fifth."""
    return seconds * (1 + JITTER * (2 * draw() - 1))
