"""A line on a terminal that says how far a long command is."""

from __future__ import annotations

from typing import TextIO

from misarmail_server.services.contact_imports import Tally


class ProgressBar:
    """One line that is written over and over on a terminal; nothing is shown elsewhere, such as in a log."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_shown = out.isatty()

    def show(self, tally: Tally) -> None:
        """Say how many rows are done."""
        if self._is_shown:
            self._out.write(f"\r{tally.row_count:,} rows: {tally.imported:,} imported, {tally.error_count:,} with errors ")
            self._out.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._is_shown:
            self._out.write("\n")
