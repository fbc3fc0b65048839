"""Where a recorder writes to, and how much; read from a setting. A program that only checks its settings imports no recorder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Recording(NamedTuple):
    """`share` of the exchanges, in [0, 1]; `limit` is bytes of `path` and what is put aside of it together."""

    path: Path
    share: float = 1.0
    limit: int = 100_000_000


def parse(written: str) -> Recording | None:
    """What `FILE[,share=0.01][,limit=BYTES]` asks for, None for an empty text. Raises ValueError with a sentence."""
    if not written:
        return None
    path, *rest = written.split(",")
    found = Recording(Path(path))
    for one in rest:
        key, _, value = one.partition("=")
        if key not in {"share", "limit"}:
            raise ValueError(f"{key!r} is neither share nor limit")
        found = found._replace(share=float(value)) if key == "share" else found._replace(limit=int(value))
    if not path or not 0 <= found.share <= 1 or found.limit <= 0:
        raise ValueError("the share must be from 0 to 1 and the limit above 0")
    return found
