"""`misarmail serve` as its users run it: a process with children, on a separate port and folder."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.waiting import until

MISARMAIL = (sys.executable, "-m", "misarmail_server.operate.cli")
COMMAND = (*MISARMAIL, "serve")


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A running server. `key` is what it printed, or what the test gives it."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    key: str = ""
    pids: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """One request on a separate connection, which must neither fail nor be refused."""
        given = self.ask(method, path, body, key)
        assert given.status < 500, f"{given.body!r} after {self.output}"
        return given

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """One request on a separate connection."""
        headers = {"Authorization": f"Bearer {key or self.key}"} | ({"Content-Type": "application/json"} if body is not None else {})
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.headers, refusal.read())

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"it ended: {self.output}"
        try:
            return self.call("GET", "/healthz").status == 200
        except OSError:
            return False

    def children(self, word: str) -> list[int]:
        """The processes below the supervisor whose command line has that word; API processes are its forks and look like it."""
        return [pid for pid in descendants(self.process.pid) if word in command_line(pid)]

    def fill_disk(self) -> None:
        """No process of the tree can make a file longer, nor write behind a file's first bytes, until `free_disk`."""
        self._limit_files(1)

    def free_disk(self) -> None:
        """As before."""
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, size: int) -> None:
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to the supervisor and wait until the whole tree is gone; gives the exit code."""
        tree = descendants(self.process.pid)
        self.process.send_signal(number)
        code = self.process.wait(60)
        until(lambda: [pid for pid in tree if command_line(pid)], lambda left: not left)
        return code


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def environment(folder: Path, **variables: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("MISARMAIL_")}
    return {**own, "MISARMAIL_STATE": str(folder / "state"), **{f"MISARMAIL_{name.upper()}": value for name, value in variables.items()}}


@contextmanager
def serving(folder: Path, *, key: str = "", **variables: str) -> Iterator[Served]:
    """A server on that folder with these settings, ready; on leaving, its tree is stopped if it still runs."""
    port = free_port()
    with (folder / "output").open("w") as output:
        command = (*COMMAND, "--port", str(port))
        process = subprocess.Popen(command, env=environment(folder, **variables), stdout=output, stderr=output, text=True)
    served = Served(process, port, folder, key)
    try:
        until(served.is_ready)
        served.key = key or re.findall(r"^  (msk_\w+)$", served.output, re.MULTILINE)[0]
        yield served
    finally:
        if process.poll() is None:
            served.stop()


def refused(folder: Path, *words: str, **variables: str) -> tuple[int, str, str]:
    """A start that is refused: exit code, standard output, standard error."""
    return command(folder, "serve", *words, **variables)


def command(folder: Path, *words: str, **variables: str) -> tuple[int, str, str]:
    """A run of `misarmail` with these words: exit code, standard output, standard error."""
    ended = subprocess.run(
        (*MISARMAIL, *words), env=environment(folder, **variables), capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr


def descendants(pid: int) -> list[int]:
    result: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            result += [child, *descendants(child)]
    return result


def command_line(pid: int) -> str:
    """ "" when the process has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
