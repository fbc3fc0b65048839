"""The owner of a lease: a process, named so that another process of the same host can tell whether it is alive."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def own_name() -> str:
    """`host:process:start`, unique also after the process number is reused."""
    pid = os.getpid()
    return f"{_host_name()}:{pid}:{_started(pid)}"


def is_dead(owner: str) -> bool:
    """Whether the process is known to have ended. Processes of other hosts never are: their leases expire."""
    host, _, process = owner.partition(":")
    pid, _, started = process.partition(":")
    return host == _host_name() and pid.isdecimal() and _started(int(pid)) != started


def _host_name() -> str:
    """The host and its process table: containers may share a host name and number their processes separately."""
    try:
        table = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        table = ""
    return f"{socket.gethostname().replace(':', '')}/{table}"


def _started(pid: int) -> str:
    """When the process started, in kernel ticks; without /proc whether it is alive; "" when it has ended."""
    try:
        # The name in parentheses may contain blanks; the 22nd field is the 20th after it. A zombie holds nothing any more.
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
