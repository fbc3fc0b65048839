"""Checks mails in separate processes: a mail that takes too much time or memory ends its process, not the server."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO

import msgspec
import structlog

from misarmail_server.received.auth import process
from misarmail_server.received.auth.checks import AuthenticationResults, SmtpSession
from misarmail_server.received.auth.dkim_check import DkimResult
from misarmail_server.received.auth.dmarc import DmarcResult
from misarmail_server.received.auth.process import CheckRequest, read_frame, write_frame
from misarmail_server.received.auth.spf import SpfResult

MAX_IDLE = 4  # processes that are kept for the next mails
SECONDS = 40.0  # for one mail, with its DNS look-ups
UNDECIDED = AuthenticationResults(SpfResult("temperror", ""), DkimResult("temperror", ()), DmarcResult("temperror", "", ""), "")
MEMORY_BYTES = 512 << 20  # of one process; the largest mail of usual lines takes 450 MB

log = structlog.get_logger()


class CheckProcesses:
    """The processes of one server; thread-safe. No two calls share one at a time."""

    def __init__(self, memory: int = MEMORY_BYTES, seconds: float = SECONDS) -> None:
        self._command = (sys.executable, "-m", process.__name__, str(memory))
        self._seconds = seconds
        self._idle: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    @property
    def idle(self) -> list[int]:
        """The ids of the processes that wait for a mail."""
        with self._lock:
            return [worker.pid for worker in self._idle]

    def check(self, server: tuple[str, int] | None, session: SmtpSession, raw: bytes) -> AuthenticationResults:
        """The results for a mail; `temperror` for all three if it exceeded a limit."""
        worker = self._take()
        timer = threading.Timer(self._seconds, worker.kill)
        timer.start()
        try:
            results = _exchange(worker, msgspec.json.encode(CheckRequest(server, session)), raw)
        except (OSError, EOFError, msgspec.MsgspecError):
            log.warning("checking a mail took too much time or memory", exit_status=_end(worker))
            return UNDECIDED
        finally:
            timer.cancel()
        self._keep(worker)
        return results

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            _end(worker)

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.poll() is None:
                    return worker
                _end(worker)
        # In a separate session: Ctrl-C ends the server, which answers the mails that it has.
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)  # noqa: S603 - ours

    def _keep(self, worker: subprocess.Popen[bytes]) -> None:
        with self._lock:
            is_kept = len(self._idle) < MAX_IDLE
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            _end(worker)


def _exchange(worker: subprocess.Popen[bytes], *frames: bytes) -> AuthenticationResults:
    for frame in frames:
        write_frame(_open(worker.stdin), frame)
    return msgspec.json.decode(read_frame(_open(worker.stdout)), type=AuthenticationResults)


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise EOFError
    return stream


def _end(worker: subprocess.Popen[bytes]) -> int:
    """End a process and return its exit status."""
    worker.kill()
    status = worker.wait()
    closers: list[Callable[[], None]] = [stream.close for stream in (worker.stdin, worker.stdout) if stream]
    for close in closers:
        try:
            close()
        except OSError:  # the rest of a frame that nobody reads
            continue
    return status
