"""Who holds a lease: a process, named so that another one on the same host can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def own_name() -> str:
    """`place:process:start`, unlike any other process's, also after the number was given out again."""
    pid = os.getpid()
    return f"{_host_name()}:{pid}:{_started(pid)}"


def is_dead(owner: str) -> bool:
    """Whether that process is known to be gone. Owners elsewhere never are: their leases run out by themselves."""
    place, _, process = owner.partition(":")
    pid, _, started = process.partition(":")
    return place == _host_name() and pid.isdecimal() and _started(int(pid)) != started


def _host_name() -> str:
    """The host and its process table: containers may share a name and still number their processes apart."""
    try:
        table = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        table = ""
    return f"{socket.gethostname().replace(':', '')}/{table}"


def _started(pid: int) -> str:
    """When the process started, in the kernel's ticks; without /proc only whether it lives; "" when it is gone."""
    try:
        # The name in parentheses may hold blanks; the 22nd field is the 20th after it. A zombie holds nothing any more.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _is_alive_word(pid) if not Path("/proc/self/stat").exists() else ""
    return "" if fields[0] == "Z" else fields[19]


def _is_alive_word(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "lives"
    return "lives"
