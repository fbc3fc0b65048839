"""MTA-STS policies that survive a restart: a small file for each domain, valid until the policy's `max_age` (RFC 8461, section 5.1).

Without it, an attacker who blocks a domain's DNS right after a start could have its mail sent in the clear.
"""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import msgspec
import structlog

from misarmail_server.context import SECOND, now

MAX_COUNT = 20_000  # files; policies beyond them are cached in memory only
MAX_LENGTH = 100_000  # bytes of a file

log = structlog.get_logger()


class StoredPolicy(msgspec.Struct, frozen=True):
    """The content of a file. `until` is in milliseconds since 1970."""

    domain: str
    id: str
    is_enforced: bool
    mx: tuple[str, ...]
    max_age: int
    until: int


class PolicyFiles:
    """The files of one folder, shared by the processes of a machine. If they cannot be read or written, policies are fetched again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room: int | None = None

    def read(self, domain: str) -> tuple[StoredPolicy, float] | None:
        """The stored policy of a domain, and for how many seconds it is valid."""
        path = self._path(domain)
        try:
            with path.open("rb") as file:
                kept = msgspec.json.decode(file.read(MAX_LENGTH), type=StoredPolicy)
        except (OSError, msgspec.DecodeError):
            return None
        left = min((kept.until - now()) / SECOND, kept.max_age)  # the clock may have been set back
        return (kept, left) if kept.domain == domain and left > 0 else None

    def write(self, kept: StoredPolicy) -> None:
        """Store a policy; the file is replaced atomically."""
        path = self._path(kept.domain)
        unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            if self._has_room() or path.exists():
                unfinished.write_bytes(msgspec.json.encode(kept))
                unfinished.replace(path)
        except OSError as error:
            log.warning("a mail policy cannot be stored", path=str(path), reason=error.strerror)

    def _has_room(self) -> bool:
        """Count the files once, and remove expired ones."""
        if self._room is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._room = MAX_COUNT - sum(not self._swept(path) for path in self._folder.glob("*.json"))
        self._room -= 1
        return self._room >= 0

    @staticmethod
    def _swept(path: Path) -> bool:
        """Remove an expired file; returns whether it was removed."""
        try:
            kept = msgspec.json.decode(path.read_bytes()[:MAX_LENGTH], type=StoredPolicy)
        except msgspec.DecodeError:
            kept = None
        if kept is not None and kept.until > now():
            return False
        path.unlink(missing_ok=True)
        return True

    def _path(self, domain: str) -> Path:
        return self._folder / f"{hashlib.sha256(domain.encode()).hexdigest()}.json"
