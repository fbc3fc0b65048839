"""Whether the relay is known to be down: the worker finds out, the API reads it.

The state is a small file beside the database, written atomically; it names its relay, so that another setting starts fresh.
"""

from __future__ import annotations

import os
import threading
import time
from functools import lru_cache
from pathlib import Path

import msgspec
import structlog

from misarmail_server.context import SECOND, now
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.settings import Settings

FILE = "relay.json"
FIRST_PAUSE = 1.0
MAX_PAUSE = 60.0

log = structlog.get_logger()


class RelayOutage(msgspec.Struct):
    """The content of the file."""

    relay: str
    since: int
    reason: str


def is_down(settings: Settings) -> bool:
    """Whether the relay is known to be down. Cheap: the file is checked once a second."""
    return settings.relay != "capture" and _is_down(settings.state / FILE, _relay_name(settings), now() // SECOND)


def reason(settings: Settings) -> str | None:
    """Why the relay is down; None while it is not known to be."""
    down = _read(settings.state / FILE)
    return down.reason if down is not None and settings.relay != "capture" and down.relay == _relay_name(settings) else None


@lru_cache(maxsize=4)
def _is_down(path: Path, relay: str, _second: int) -> bool:
    down = _read(path)
    return down is not None and down.relay == relay


class RelayState:
    """The worker's side: growing pauses while the relay is down, and the file. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.state / FILE
        self._relay = _relay_name(settings)
        self._lock = threading.Lock()
        self._resumes_at = 0.0
        known = _read(self._path)
        self.is_down = known is not None and known.relay == self._relay
        self.pause_seconds = 0.0

    @property
    def is_paused(self) -> bool:
        """Whether delivery is paused until the next attempt to reach the relay."""
        return self.is_down and time.monotonic() < self._resumes_at

    def report(self, outcome: Outcome) -> None:
        """Learn from an attempt: `held` means down, any reply means up; a session that broke without a reply proves neither."""
        is_broken = outcome.state == "deferred" and outcome.code is None
        with self._lock:
            if outcome.state == "held" or (is_broken and self.is_down):
                self._held(outcome.text)
            elif self.is_down and outcome.code is not None:
                self.is_down, self.pause_seconds = False, 0.0
                _forget(self._path)
                log.info("the relay works again", relay=self._relay)

    def _held(self, reason: str) -> None:
        if self.is_paused:
            return  # another connection reported it at the same time
        self.pause_seconds = min(MAX_PAUSE, 2 * self.pause_seconds or FIRST_PAUSE)
        self._resumes_at = time.monotonic() + self.pause_seconds
        if not self.is_down:
            self.is_down = True
            _write(self._path, RelayOutage(relay=self._relay, since=now(), reason=reason))
            log.warning("the relay is down; mail waits", relay=self._relay, reason=reason)


def _relay_name(settings: Settings) -> str:
    """The relay without its credentials."""
    return ";".join(dict.fromkeys(method.name for method in settings.delivery_methods.values()))


def _read(path: Path) -> RelayOutage | None:
    """None if there is no readable file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=RelayOutage)
    except (OSError, msgspec.DecodeError):
        return None


def _write(path: Path, down: RelayOutage) -> None:
    """The file is a hint for other processes; a failure to write it must not prevent attempts."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        unfinished.write_bytes(msgspec.json.encode(down))
        unfinished.replace(path)
    except OSError as error:
        log.warning("the relay state cannot be written", path=str(path), reason=error.strerror)


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the relay state cannot be removed", path=str(path), reason=error.strerror)
