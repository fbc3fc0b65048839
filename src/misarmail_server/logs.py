"""Log lines are JSON objects on standard error, one per line."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _StandardError:
    """The current standard error, which may be a file on a full disk: a line that cannot be written is dropped and work continues."""

    def write(self, text: str) -> int:
        """Write to the stream; ignores errors."""
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream; ignores errors."""
        with suppress(OSError):
            sys.stderr.flush()


def configure() -> None:
    """Set the log format of this process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
