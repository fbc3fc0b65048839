"""A `contract` command that serves, as a separate process: its output and its address."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_WAIT_SECONDS = 60.0  # until a missing line is a failure
URL = re.compile(r"http://127\.0\.0\.1:\d+")


class Served:
    """A running command. `before` is what it printed until it listened."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        assert process.stdout is not None
        self._out = process.stdout
        self._text = ""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self.url = self.before = ""

    def wait_for(self, pattern: str) -> str:
        """All that was printed since the last call, up to the line that matches."""
        until = time.monotonic() + MAX_WAIT_SECONDS
        while not (result := re.search(rf"^.*{pattern}.*\n", self._text, re.MULTILINE)):
            ready = self._selector.select(max(0.0, until - time.monotonic()))
            assert ready, f"{pattern!r} was never printed:\n{self._text}"
            part = os.read(self._out.fileno(), 65536).decode()
            assert part, f"it ended before it printed {pattern!r}:\n{self._text}"
            self._text += part
        text, self._text = self._text[: result.end()], self._text[result.end() :]
        return text


@contextmanager
def serve(*words: str, folder: Path, **environment: str) -> Iterator[Served]:
    """`contract WORDS --port 0` in a folder, until the block ends."""
    command = [sys.executable, "-m", "contract.cli", *words, "--port", "0"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            served = Served(process)
            address = served.wait_for(URL.pattern)
            served.url = URL.findall(address)[-1]
            served.before = address
            yield served
        finally:
            process.terminate()
