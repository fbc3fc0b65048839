"""Waiting for what happens elsewhere, without guessing how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE_SECONDS = 30.0


def until(look: Callable[[], Found], is_it: Callable[[Found], object] = bool) -> Found:
    """Look again until it is so; fails with what was seen last when it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while True:
        found = look()
        if is_it(found):
            return found
        assert time.monotonic() < deadline, f"still {found!r}"
        pause.wait(0.02)
