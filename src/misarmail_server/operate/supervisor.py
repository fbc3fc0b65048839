"""The child processes of a command. A child that ends by itself is started again, after a pause that grows; all are stopped together."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

WORKER = "misarmail_server.operate.work"
MAIL_SERVER = "misarmail_server.mail_server.process"
FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # after which an end is not taken for the continuation of earlier ones
STOP_SECONDS = 30.0  # for running SMTP sessions and requests to finish

log = structlog.get_logger()


class ChildProcess(Protocol):
    """A running child, as `subprocess.Popen` describes it."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""


StartChild = Callable[[], ChildProcess]


class Restarts:
    """The pauses before the restarts of one child: each twice as long as the last, until it has run for a while."""

    def __init__(self) -> None:
        self._pause = FIRST_PAUSE_SECONDS

    def pause_after(self, ran_seconds: float) -> float:
        """The pause after a run."""
        if ran_seconds >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        pause = self._pause
        self._pause = min(2 * pause, MAX_PAUSE_SECONDS)
        return pause


class ChildProcesses:
    """One child for each function that starts one."""

    def __init__(self, starts: Sequence[StartChild]) -> None:
        self._starts = starts
        self._running: dict[int, ChildProcess] = {}
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Start the children, and a thread that watches each of them."""
        for number in range(len(self._starts)):
            self._start_child(number)
        for number in range(len(self._starts)):
            threading.Thread(target=self._watch, args=(number,), daemon=True, name=f"child-watch-{number}").start()

    def stop(self) -> None:
        """Stop the children and wait. Children that do not finish in time are killed, which loses no mail."""
        with self._lock:  # no child is started after this
            self._is_stopping.set()
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_child(self, number: int) -> None:
        with self._lock:
            if not self._is_stopping.is_set():
                self._running[number] = self._starts[number]()

    def _watch(self, number: int) -> None:
        restarts = Restarts()
        while not self._is_stopping.is_set():
            began_at, process = time.monotonic(), self._running[number]
            code = process.wait()
            pause = restarts.pause_after(time.monotonic() - began_at)
            if not self._is_stopping.is_set():
                log.warning("a process ended and is started again", pid=process.pid, code=code, pause=pause)
            if not self._is_stopping.wait(pause):
                self._start_child(number)


def python_module(name: str) -> StartChild:
    """Starts a module as a program that ends with this process."""

    def start() -> ChildProcess:
        command = [sys.executable, "-m", name, "--with-parent", str(os.getpid())]
        # In its own process group, the child gets Ctrl-C only through this process, which then knows why the child ended.
        return subprocess.Popen(command, process_group=0)

    return start


def fork(function: Callable[[], None]) -> StartChild:
    """Starts a fork of this process that runs a function: it shares what is loaded."""

    def start() -> ChildProcess:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return Fork(pid)
        code = 1
        try:
            function()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            log.exception("a process failed")
        finally:
            os._exit(code)

    return start


class Fork:
    """A forked child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        weakref.finalize(self, os.close, self._handle)  # not earlier: several threads may wait for it
        self._code: int | None = None
        self._lock = threading.Lock()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative for a signal. Raises subprocess.TimeoutExpired."""
        with selectors.DefaultSelector() as selector:
            if self._code is None:
                selector.register(self._handle, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        with self._lock:
            if self._code is None:
                self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            return self._code

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with self._lock:
            if self._code is None:
                os.kill(self.pid, number)


def serve_until_stopped(children: ChildProcesses) -> None:
    """Keep the children running until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    children.start()
    stop.wait()
    children.stop()


def run(count: int) -> None:
    """Keep this number of workers running until SIGTERM or SIGINT."""
    serve_until_stopped(ChildProcesses([python_module(WORKER)] * count))
