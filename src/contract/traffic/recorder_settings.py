"""The settings of a recorder. They are separate so that reading settings does not import the recorder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Recording(NamedTuple):
    """`share` of the exchanges, in [0, 1]; `limit` is the size in bytes of `path` and its rotated copy together."""

    path: Path
    share: float = 1.0
    limit: int = 100_000_000


def parse(text: str) -> Recording | None:
    """The settings in `FILE[,share=0.01][,limit=BYTES]`, None for an empty text. Raises ValueError with a sentence."""
    if not text:
        return None
    path, *options = text.split(",")
    recording = Recording(Path(path))
    for option in options:
        key, _, value = option.partition("=")
        if key not in {"share", "limit"}:
            raise ValueError(f"{key!r} is neither share nor limit")
        recording = recording._replace(share=float(value)) if key == "share" else recording._replace(limit=int(value))
    if not path or not 0 <= recording.share <= 1 or recording.limit <= 0:
        raise ValueError("the share must be from 0 to 1 and the limit above 0")
    return recording
