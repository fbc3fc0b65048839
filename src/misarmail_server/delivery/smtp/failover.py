"""Several relays for the same mail: the first that works takes it, and the first of all again as soon as it works again."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog

from misarmail_server.delivery.envelope import BeforeDot, Envelope
from misarmail_server.delivery.outcomes import Outcome, not_before
from misarmail_server.delivery.smtp.relay import RelayTransport

FIRST_PAUSE, MAX_PAUSE = 1.0, 60.0

log = structlog.get_logger()


class RelayHealth:
    """Which relays are down, known to all threads. One that is down is tried by one mail at a time, after pauses that grow."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._pauses = [0.0] * count
        self._resumes_at = [0.0] * count

    def may_try(self, number: int) -> bool:
        """Whether this relay works as far as is known, or this caller is the one to find out."""
        with self._lock:
            if not self._pauses[number]:
                return True
            is_time = time.monotonic() >= self._resumes_at[number]
            if is_time:
                self._resumes_at[number] = time.monotonic() + self._pauses[number]
            return is_time

    def report(self, number: int, *, is_down: bool) -> bool:
        """Learn from an attempt; whether that is news."""
        with self._lock:
            was_down = self._pauses[number] > 0
            self._pauses[number] = min(MAX_PAUSE, 2 * self._pauses[number] or FIRST_PAUSE) if is_down else 0.0
            self._resumes_at[number] = time.monotonic() + self._pauses[number]
            return was_down != is_down

    def pause_seconds(self) -> float:
        """How long until the next relay may be tried; at least a moment."""
        return max(FIRST_PAUSE, min(self._resumes_at) - time.monotonic())


class FailoverTransport:
    """Tries relays in their order; used by one thread, while `health` is shared. `held` when all are down.

    With `releases` the mail goes back to the queue instead, so that other mail, which has other relays, goes on.
    """

    def __init__(self, relays: Sequence[RelayTransport], health: RelayHealth, *, releases: bool) -> None:
        self._relays = relays
        self._health = health
        self._releases = releases

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """Try the relays until one can be talked to; its answer is the outcome."""
        outcome: Outcome | None = None
        for number, relay in enumerate(self._relays):
            if self._health.may_try(number):
                outcome = relay.deliver(mail, before_dot)
                is_down = outcome.state == "held"
                if self._health.report(number, is_down=is_down):
                    _log_change(relay, outcome.text if is_down else None)
                if not is_down:
                    return outcome
        if outcome and not self._releases:
            return outcome
        return not_before(self._health.pause_seconds(), outcome.text if outcome else "", outcome.code if outcome else None)

    def close(self) -> None:
        """Close all of them."""
        for relay in self._relays:
            relay.close()


def _log_change(relay: RelayTransport, failure: str | None) -> None:
    """Whoever watches the log learns of one relay among several, as nothing else shows it."""
    if failure is None:
        log.info("a relay works again", relay=relay.name)
    else:
        log.warning("a relay is down", relay=relay.name, reason=failure)
