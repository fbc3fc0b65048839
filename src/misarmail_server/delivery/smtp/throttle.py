"""Limits for each provider, and pauses for providers that refuse. Nothing waits here: a mail that may not be sent now learns when.

Such mail gets an appointment at the pace of the provider, so that of a hundred thousand mails to one provider each is looked at about
once, and mail to others overtakes it.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from misarmail_server.delivery.outcomes import Outcome, not_before
from misarmail_server.setting_types.shaping import Limits

FIRST_PAUSE, MAX_PAUSE = 30.0, 1_800.0
MAX_STRIKES = 5  # consecutive refusals before a pause
MAX_AHEAD_SECONDS = 900.0  # the latest appointment
MIN_WAIT_SECONDS = 0.05
BURST_SECONDS = 1.0  # for which unused rate is kept
USUAL_SECONDS = 0.25  # for a mail, until measured
MAX_PROVIDERS = 10_000  # that are remembered
CLOSING = 421
BLOCKED = re.compile(r"\b5\.7\.\d")  # RFC 3463: security or policy, which is about the sender rather than the mail


@dataclass(slots=True)
class _Provider:
    busy: int = 0
    strikes: int = 0
    pause: float = 0.0  # length of the last pause; 0 while mail is accepted
    resumes_at: float = 0.0
    reason: Outcome | None = None
    next_at: float = 0.0  # when the rate allows the next message
    appointment: float = 0.0  # the last one given
    seconds: float = USUAL_SECONDS  # for a mail, on average


@dataclass(frozen=True, slots=True)
class Admission:
    """Permission to send one mail to a provider; return it with `done`."""

    limits: Limits
    began_at: float


class Throttle:
    """The limits of one process. `most` is the number of threads that one provider may occupy, so that a slow one cannot block all.

    `share` is this process's part of each limit. Thread-safe.
    """

    def __init__(self, *, most: int, share: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._providers: OrderedDict[str, _Provider] = OrderedDict()

    def connections(self, limits: Limits) -> int:
        """The number of connections that this process may have to a provider."""
        return max(1, min(self._most, limits.connections // self._share))

    def admit(self, limits: Limits) -> Admission | Outcome:
        """Permission to send now, or the outcome that gives the mail back to the queue."""
        with self._lock:
            provider, at = self._provider(limits.provider), self._clock()
            if at < provider.resumes_at:
                return self._refused(provider, provider.resumes_at - at, limits)
            most = 1 if provider.pause else self.connections(limits)  # after a pause one mail tests the provider
            if provider.busy >= most or at < provider.next_at - BURST_SECONDS:
                return self._refused(provider, 0.0, limits)
            provider.busy += 1
            provider.next_at = max(provider.next_at, at) + limits.gap_seconds * self._share
            return Admission(limits, at)

    def done(self, turn: Admission, outcome: Outcome | None) -> None:
        """Learn from the outcome; None for a mail that was not tried."""
        with self._lock:
            provider, at = self._provider(turn.limits.provider), self._clock()
            provider.busy -= 1
            if outcome is None:
                return
            provider.seconds += (at - turn.began_at - provider.seconds) / 8
            if not _is_strike(outcome):
                provider.strikes, provider.pause, provider.reason = 0, 0.0, None
                return
            provider.strikes += 1
            if provider.strikes >= MAX_STRIKES or provider.pause or outcome.code in {None, CLOSING}:
                self._pause(provider, outcome, at)

    def _pause(self, provider: _Provider, outcome: Outcome, at: float) -> None:
        if at < provider.resumes_at:
            return  # other sessions reported it at the same time
        provider.pause = min(MAX_PAUSE, 2 * provider.pause or FIRST_PAUSE)
        provider.resumes_at = at + provider.pause
        provider.appointment = provider.resumes_at
        provider.reason = outcome

    def _refused(self, provider: _Provider, wait: float, limits: Limits) -> Outcome:
        at = self._clock()
        gap = max(limits.gap_seconds * self._share, provider.seconds / self.connections(limits))
        provider.appointment = max(provider.appointment, at + wait) + gap
        seconds = min(max(provider.appointment - at, MIN_WAIT_SECONDS), max(MAX_AHEAD_SECONDS, wait))
        reason = provider.reason
        return not_before(seconds, reason.text, reason.code) if reason and wait else not_before(seconds)

    def _provider(self, name: str) -> _Provider:
        provider = self._providers.get(name)
        if provider is None:
            if len(self._providers) >= MAX_PROVIDERS:
                self._forget()
            provider = self._providers[name] = _Provider()
        self._providers.move_to_end(name)
        return provider

    def _forget(self) -> None:
        """Drop the provider that was unused for longest; one in use is never dropped."""
        del self._providers[next(name for name, provider in self._providers.items() if not provider.busy)]


def _is_strike(outcome: Outcome) -> bool:
    """Whether to send less to this provider: 4xx, no reply, or a refusal of the sender rather than of the mail."""
    return outcome.state in {"deferred", "ambiguous"} or (outcome.state == "bounced" and bool(BLOCKED.search(outcome.text)))
