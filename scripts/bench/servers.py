"""Starting and stopping the servers that are measured: each one process (tree) on one core, the load generator on the other."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PEERS = Path(__file__).resolve().parent / "peers"
BIN = Path(sys.executable).parent
SERVER_CORE = 0
CLIENT_CORE = 1 if (os.cpu_count() or 1) > 1 else 0
START_SECONDS = 30.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server to measure. `{port}` in the command becomes a free port."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] | None = None


def uvicorn(name: str, app: str) -> Server:
    """An ASGI application on uvicorn, one worker, with its fastest loop and parser."""
    options = ("--loop", "uvloop", "--http", "httptools", "--workers", "1", "--no-access-log", "--log-level", "warning")
    return Server(name, (str(BIN / "uvicorn"), app, "--app-dir", str(PEERS), "--port", "{port}", *options))


def granian(name: str, app: str, interface: str) -> Server:
    """An application on granian, one worker. WSGI runs on one thread: with the GIL, more threads only wait for each other."""
    threads = ("--blocking-threads", "1") if interface == "wsgi" else ("--loop", "uvloop")
    options = ("--interface", interface, "--working-dir", str(PEERS), "--port", "{port}", "--workers", "1", "--no-ws", "--http", "1")
    return Server(name, (str(BIN / "granian"), app, *options, *threads, "--log-level", "warning"))


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pinned(core: int, command: tuple[str, ...]) -> list[str]:
    """The command with all its children pinned to one core, as a batch process: threads that share the core do not preempt each other."""
    return ["chrt", "--batch", "0", "taskset", "--cpu-list", str(core), *command]


@dataclass(frozen=True, slots=True)
class Running:
    """A running server, its process group, and its output."""

    url: str
    group: int
    output: IO[bytes]

    def printed(self) -> str:
        """Everything it printed."""
        self.output.seek(0)
        return self.output.read().decode(errors="replace")

    def cpu_seconds(self) -> float:
        """The processor time used so far, in user and system mode (proc(5))."""
        return sum(used for group, used in map(processor_time, Path("/proc").glob("[0-9]*/stat")) if group == self.group)


def processor_time(stat: Path) -> tuple[int, float]:
    """A process's group and the seconds it used; (0, 0) when it is gone."""
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    return int(fields[2]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(server: Server, ready: str) -> Iterator[Running]:
    """Run the server until the block ends; yields it once `ready` answers (with any status). SystemExit with its output if it ends."""
    port = free_port()
    command = tuple(word.replace("{port}", str(port)) for word in server.command)
    environment = {**os.environ, **(server.environment or {})}
    with tempfile.TemporaryFile() as output, started(pinned(SERVER_CORE, command), environment, output) as process:
        server_now = Running(f"http://127.0.0.1:{port}", process.pid, output)
        try:
            await_answer(server_now.url + ready, process)
        except RuntimeError as error:
            raise SystemExit(f"{server.name}: {error}\n{server_now.printed()[-2000:]}") from error
        yield server_now


@contextmanager
def started(command: list[str], environment: Mapping[str, str], output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended with all its children when the block ends; it prints to `output`."""
    with subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True) as process:
        try:
            yield process
        finally:
            stop(process)


def await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return at the first response of any status. Raises RuntimeError when the process ends or does not respond."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before it answered")
        if answers(url):
            return
        time.sleep(0.005)
    raise RuntimeError(f"{process.args!r} did not answer {url} within {START_SECONDS:.0f} s")


def answers(url: str) -> bool:
    """Whether a server responds at a URL."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  # always http to this machine
    except urllib.error.HTTPError:
        return True
    except (urllib.error.URLError, OSError):
        return False
    return True


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group: SIGTERM first, then SIGKILL."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, sign)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue


def missing() -> list[str]:
    """One sentence for each missing program."""
    problems = []
    if not shutil.which("wrk"):
        problems.append("wrk is not installed: run scripts/bench/setup as root, or `apt-get install wrk`")
    if not shutil.which("taskset") or not shutil.which("chrt"):
        problems.append("taskset and chrt are not installed: they belong to util-linux")
    if not (BIN / "uvicorn").exists() or not list(BIN.parent.glob("lib/python*/site-packages/litestar")):
        problems.append("the peers are not installed: run `make .venv/bench`")
    return problems
