"""The progress bar of an import."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from misarmail_server.services.contact_imports import Tally

PIECE_SIZE = 1_000_000  # bytes read at once


@contextmanager
def import_progress(file: Path) -> Iterator[Callable[[Tally], None]]:
    """A progress bar on a terminal; nothing elsewhere, such as in a log."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("rows, {task.description}"), TimeRemainingColumn())
    # Drawn after each transaction and not by a thread, which would take processor time from the import.
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        task = bar.add_task("0 with errors", total=_line_count(file) - 1)
        bar.refresh()
        yield lambda tally: bar.update(task, completed=tally.row_count, description=f"{tally.error_count:,} with errors", refresh=True)


def _line_count(file: Path) -> int:
    """How many lines the file has, the header among them. Quoted line breaks count too: the bar ends early then."""
    with file.open("rb") as opened:
        return sum(piece.count(b"\n") for piece in iter(lambda: opened.read(PIECE_SIZE), b""))
