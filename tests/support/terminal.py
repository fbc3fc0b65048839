"""A program on a terminal: what it draws there."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Mapping
from contextlib import suppress


def on_terminal(*command: str, **environment: str) -> tuple[int, str]:
    """Run a program whose three streams are one terminal of 120 columns; the exit code and all that it wrote, control sequences too."""
    ours, theirs = pty.openpty()
    environ: Mapping[str, str] = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **environment}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    drawn = b""
    with suppress(OSError):  # Linux reports the end of a terminal as an error
        while piece := os.read(ours, 65_536):
            drawn += piece
    os.close(ours)
    return process.wait(), drawn.decode().replace("\r\n", "\n")
