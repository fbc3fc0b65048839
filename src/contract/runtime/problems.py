"""The one way a request fails inside the runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Problem(Exception):  # noqa: N818 - it is an answer, raised
    """An answer that is not a success. `extra` stands beside the sentence in the body; the platform renders it."""

    def __init__(
        self, status: int, code: str, sentence: str, *, extra: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.operation: str | None = None  # the id of the operation that was asked for, set by the runtime


def malformed(sentence: str) -> Problem:
    """A body that cannot be read: 400."""
    return Problem(400, "malformed_body", sentence)


def invalid(fields: Mapping[str, list[str]], form: list[str]) -> Problem:
    """A request that breaks its schema: 400, with sentences by field."""
    return Problem(400, "validation_failed", "Validation failed", extra={"details": {"fieldErrors": dict(fields), "formErrors": form}})
