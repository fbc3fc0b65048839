"""Rate limits: so many requests a minute for each key and class of routes, as the contract's `x-rate-limits` states.

Counters live in one file that every API process of the machine maps into its memory, so that more processes do not mean more requests.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
import weakref
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from misarmail_server import vault
from misarmail_server.context import SECOND, now
from misarmail_server.settings import Settings

MINUTE = 60
SLOTS = 1 << 16
SLOT = struct.Struct("<QII")  # key fingerprint, minute, count
SET_SIZE = 16  # slots of a set; a fingerprint lies in its own set, which fills from the front
UNLIMITED = 1_000_000_000  # what is left where nothing is counted


class Allowance(NamedTuple):
    """What a caller has in the present minute. `is_granted` is False for the request that is one too many."""

    limit: int
    remaining: int
    reset_at: int  # seconds since 1970
    is_granted: bool


class RateLimits:
    """Fixed windows of a minute. `factor` multiplies the documented limits; 0 turns them off.

    Where more callers are active than the file has room for, a new one takes over the smallest count of its set and counts on from it
    (the space-saving algorithm): nobody is ever counted too low, so that flooding the file frees nobody. `secret` keys the hash, so that
    nobody can tell whose counters share a set; all who share the file must have the same.
    """

    def __init__(self, path: Path, limits: dict[str, int], factor: float, secret: bytes) -> None:
        self._secret = secret
        self._limits = {name: int(limit * factor) if factor else UNLIMITED for name, limit in limits.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        weakref.finalize(self, os.close, self._file)
        os.truncate(self._file, SLOTS * SLOT.size)
        self._map = mmap.mmap(self._file, SLOTS * SLOT.size)
        self._lock = threading.Lock()

    def take(self, caller: str, name: str) -> Allowance:
        """Count one request of a caller in a class of routes."""
        minute = now() // SECOND // MINUTE
        limit = self._limits[name]
        count = self._count(f"{caller}/{name}".encode(), minute & 0xFFFFFFFF) if limit < UNLIMITED else 1
        return Allowance(limit, max(0, limit - count), (minute + 1) * MINUTE, count <= limit)

    def _count(self, key: bytes, minute: int) -> int:
        fingerprint = int.from_bytes(blake2b(key, digest_size=8, key=self._secret).digest(), "big")
        with self._lock:  # the file's lock excludes other processes only: all threads share this one's open file
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                offset, count = self._slot(fingerprint, minute)
                SLOT.pack_into(self._map, offset, fingerprint, minute, count + 1)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        return count + 1

    def _slot(self, fingerprint: int, minute: int) -> tuple[int, int]:
        """(offset, count so far): this fingerprint's slot of this minute, else the first of a minute gone by, else the smallest count's."""
        first = fingerprint % (SLOTS // SET_SIZE) * SET_SIZE
        smallest = (0, 1 << 32)
        for offset in range(first * SLOT.size, (first + SET_SIZE) * SLOT.size, SLOT.size):
            slot_fingerprint, slot_minute, count = SLOT.unpack_from(self._map, offset)
            if slot_minute != minute:
                return offset, 0
            if slot_fingerprint == fingerprint:
                return offset, count
            if count < smallest[1]:
                smallest = (offset, count)
        return smallest


def shared(settings: Settings, limits: dict[str, int]) -> RateLimits:
    """The one that all processes of this machine share."""
    return RateLimits(settings.state / "rate-limits", limits, settings.rate_limits, vault.derived(settings, "rate limits"))
