"""A delivery worker whose wall clock is wrong by the number of seconds in a file, read at each use: `chaos_worker.py FILE`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from misarmail_server.operate import work


def wrong(right: Callable[[], int], path: Path) -> Callable[[], int]:
    """A clock that is wrong by the number of seconds in a file."""
    return lambda: right() + int(path.read_text() or 0) * 1_000_000_000


if __name__ == "__main__":
    time.time_ns = wrong(time.time_ns, Path(sys.argv.pop()))
    sys.exit(work.main())
