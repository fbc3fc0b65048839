"""Refusals that services raise. Raising one rolls the unit of work back; `app.py` maps each class to its status.

`code` is one of the contract's error codes (`misarmail_contract.problems.Code`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from misarmail_contract.problems import Code


class Refusal(Exception):  # noqa: N818 - each class names the reason for the refusal
    """A request that is well-formed but refused.

    `fields` has a sentence for each invalid field; `extra` is added to the response body.
    """

    def __init__(self, code: Code, sentence: str, *, fields: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(sentence)
        self.code: Code = code
        self.sentence = sentence
        self.fields = dict(fields or {})
        self.extra = extra
        self.headers: dict[str, str] = {}


class Invalid(Refusal):
    """A value that the schema cannot check is invalid. `field` is the request's field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__("validation_failed", "Validation failed", fields={field: sentence})
        self.field = field
        self.reason = sentence

    @override
    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class Unauthenticated(Refusal):
    """The request carries no valid credentials."""


class Forbidden(Refusal):
    """The caller is authenticated but lacks permission."""


class NotFound(Refusal):
    """The resource does not exist or belongs to another account; both look the same."""

    def __init__(self, resource: str, id_: str) -> None:
        super().__init__("not_found", f"There is no {resource} {id_}")


class Conflict(Refusal):
    """The current state, or another request, conflicts with the request."""


class Unprocessable(Refusal):
    """The request is well-formed but cannot be processed in the current state."""


class TooMany(Refusal):
    """Too many requests in a period; `retry_after` is in seconds."""

    def __init__(self, code: Code, sentence: str, *, retry_after: int, **extra: Any) -> None:
        super().__init__(code, sentence, retryAfter=retry_after, **extra)
        self.headers["Retry-After"] = str(retry_after)


class Unavailable(Refusal):
    """The database cannot accept the request now, or the queue is full; nothing was stored."""

    def __init__(
        self,
        sentence: str = "The server cannot accept this request now; try again shortly",
        *,
        code: Code = "unavailable",
        retry_after: int = 5,
    ) -> None:
        super().__init__(code, sentence)
        self.headers["Retry-After"] = str(retry_after)
