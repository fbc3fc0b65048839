"""Log lines are JSON objects on standard error, one a line."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _StandardError:
    """The standard error of the moment, which may be a file on a full disk: a line that it does not take is lost, and the work goes on."""

    def write(self, text: str) -> int:
        """As the stream does."""
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """As the stream does."""
        with suppress(OSError):
            sys.stderr.flush()


def configure() -> None:
    """Set the format for this process."""
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
