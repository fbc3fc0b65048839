"""A module's log that keeps what was logged: a logger may be bound to the output of an earlier test."""

from __future__ import annotations

from typing import Any


class RecordedLog:
    """Takes the place of a structlog logger. `entries` are (level, event, values)."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, dict[str, Any]]] = []

    def info(self, event: str, **values: Any) -> None:
        self.entries.append(("info", event, values))

    def warning(self, event: str, **values: Any) -> None:
        self.entries.append(("warning", event, values))
