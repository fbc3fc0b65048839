"""Waiting for what happens elsewhere, without guessing how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
MAX_WAIT_SECONDS = 30.0


def until(look: Callable[[], T], is_it: Callable[[T], object] = bool) -> T:
    """Look again until it is so; fails with what was seen last when it never is."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    pause = threading.Event()
    while True:
        result = look()
        if is_it(result):
            return result
        assert time.monotonic() < deadline, f"still {result!r}"
        pause.wait(0.02)
