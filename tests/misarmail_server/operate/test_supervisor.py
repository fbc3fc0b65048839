"""Child processes: pauses before restarts, and forks that several threads wait for."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from misarmail_server.operate.supervisor import ChildProcesses, Fork, Restarts, fork


def go_on() -> None:
    threading.Event().wait()


def end() -> None:
    """Nothing is left to do."""


def forked(function: Callable[[], None]) -> Fork:
    child = fork(function)()
    assert isinstance(child, Fork)
    return child


def test_pauses_grow_until_a_process_has_run_for_a_while() -> None:
    restarts = Restarts()

    assert [restarts.pause_after(ran) for ran in (0, 1, 59, 0, 0, 0, 0, 0)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert [restarts.pause_after(ran) for ran in (60, 0)] == [0.5, 1]


def test_every_thread_that_waits_for_a_fork_learns_its_end() -> None:
    child = forked(go_on)
    with ThreadPoolExecutor(4) as threads:
        codes = [threads.submit(child.wait) for _ in range(4)]
        os.kill(child.pid, signal.SIGKILL)

        assert {code.result(60) for code in codes} == {-signal.SIGKILL}
    child.terminate()  # does nothing: another process may have its id by now


def test_a_fork_that_goes_on_is_waited_for_a_limited_time() -> None:
    child = forked(go_on)

    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.01)

    child.kill()
    assert child.wait() == -signal.SIGKILL


def test_a_fork_ends_with_the_function() -> None:
    assert forked(end).wait() == 0


def test_stop_ends_every_child() -> None:
    started: list[Fork] = []

    def start() -> Fork:
        started.append(forked(go_on))
        return started[-1]

    children = ChildProcesses([start] * 3)
    children.start()
    for child in started:
        os.kill(child.pid, 0)
    children.stop()

    assert [child.wait() for child in started] == [-signal.SIGTERM] * 3
