"""Several relays in order of preference: the first that works takes the mail, and the first of all again once it works again."""

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
    """Which relays are down, shared by all threads. A relay that is down is tried by one mail at a time, after growing pauses."""

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
        """Learn from an attempt; returns whether the state changed."""
        with self._lock:
            was_down = self._pauses[number] > 0
            self._pauses[number] = min(MAX_PAUSE, 2 * self._pauses[number] or FIRST_PAUSE) if is_down else 0.0
            self._resumes_at[number] = time.monotonic() + self._pauses[number]
            return was_down != is_down

    def pause_seconds(self) -> float:
        """How long until the next relay may be tried."""
        return max(FIRST_PAUSE, min(self._resumes_at) - time.monotonic())


class FailoverTransport:
    """Tries relays in order; used by one thread, while `health` is shared. `held` when all are down.

    With `releases` the mail goes back to the queue instead, so that mail for other relays continues.
    """

    def __init__(self, relays: Sequence[RelayTransport], health: RelayHealth, *, releases: bool) -> None:
        self._relays = relays
        self._health = health
        self._releases = releases

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """Try the relays until one replies; its reply is the outcome."""
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
        """Close all relays' connections."""
        for relay in self._relays:
            relay.close()


def _log_change(relay: RelayTransport, failure: str | None) -> None:
    """Only the log shows the state of one relay among several."""
    if failure is None:
        log.info("a relay works again", relay=relay.name)
    else:
        log.warning("a relay is down", relay=relay.name, reason=failure)
