"""Rate limits: requests per minute for each key and class of routes, as in the contract's `x-rate-limits`.

The counters are in one file that all API processes of the machine map into memory, so that more processes do not allow more requests.
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

import structlog

from misarmail_server import vault
from misarmail_server.context import SECOND, now
from misarmail_server.settings import Settings

MINUTE = 60
SLOTS = 1 << 16
SLOT = struct.Struct("<QII")  # key fingerprint, minute, count
SET_SIZE = 16  # slots; a fingerprint is stored in one set, which is filled from the front
UNLIMITED = 1_000_000_000  # the limit if nothing is counted
log = structlog.get_logger()


class Allowance(NamedTuple):
    """The state of a caller in the current minute. `is_granted` is False for a request beyond the limit."""

    limit: int
    remaining: int
    reset_at: int  # seconds since 1970
    is_granted: bool


class RateLimits:
    """Fixed windows of one minute. `factor` multiplies the documented limits; 0 disables them.

    If more callers are active than the file can hold, a new one takes over the slot with the smallest count of its set and continues from
    it (the space-saving algorithm): no caller is ever counted too low, so flooding the file does not help. `secret` keys the hash, so that
    callers cannot find out which counters share a set; all processes that share the file must use the same.
    """

    def __init__(self, path: Path, limits: dict[str, int], factor: float, secret: bytes) -> None:
        self._secret = secret
        self._limits = {name: int(limit * factor) if factor else UNLIMITED for name, limit in limits.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        weakref.finalize(self, os.close, self._file)
        self._map = _mapped(self._file, SLOTS * SLOT.size)
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
        """(offset, count): this fingerprint's slot of this minute, else the first expired slot, else the one with the smallest count."""
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


def _mapped(file: int, size: int) -> mmap.mmap:
    """The file in memory, with its blocks allocated: writing to a mapped hole on a full disk would end the process with SIGBUS.

    If the disk is full already, each process counts by itself.
    """
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        log.warning("rate limits are not shared by the processes", reason=error.strerror)
        return mmap.mmap(-1, size)
    return mmap.mmap(file, size)


def shared(settings: Settings, limits: dict[str, int]) -> RateLimits:
    """The limits that all processes of this machine share."""
    return RateLimits(settings.state / "rate-limits", limits, settings.rate_limits, vault.derived(settings, "rate limits"))
