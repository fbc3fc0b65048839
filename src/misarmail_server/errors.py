"""What a service raises to refuse. Raising rolls the unit of work back; `app.py` maps each class to its status.

`code` is one of the contract's error codes (`misarmail_contract.problems.Code`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from misarmail_contract.problems import Code


class Refusal(Exception):  # noqa: N818 - each says what is so, not that an error happened
    """A request that was understood and is not carried out.

    `fields` has the sentence of each field that is the reason; `extra` goes into the response beside the sentence.
    """

    def __init__(self, code: Code, sentence: str, *, fields: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(sentence)
        self.code: Code = code
        self.sentence = sentence
        self.fields = dict(fields or {})
        self.extra = extra
        self.headers: dict[str, str] = {}


class Invalid(Refusal):
    """A value that the schema cannot judge is wrong. `field` is the request's field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__("validation_failed", "Validation failed", fields={field: sentence})
        self.field = field
        self.reason = sentence

    @override
    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class Unauthenticated(Refusal):
    """Nobody known is asking."""


class Forbidden(Refusal):
    """The asker is known and may not."""


class NotFound(Refusal):
    """There is no such thing, or it is somebody else's, which must look the same."""

    def __init__(self, what: str, id_: str) -> None:
        super().__init__("not_found", f"There is no {what} {id_}")


class Conflict(Refusal):
    """The state of things, or another request, stands against it."""


class Unusable(Refusal):
    """Well formed, but it cannot be used as things are."""


class TooMany(Refusal):
    """Too much in too little time; `retry_after` is in seconds."""

    def __init__(self, code: Code, sentence: str, *, retry_after: int, **extra: Any) -> None:
        super().__init__(code, sentence, retryAfter=retry_after, **extra)
        self.headers["Retry-After"] = str(retry_after)


class Unavailable(Refusal):
    """The store cannot take it now, or what is stored already must be worked off first; nothing was kept."""

    def __init__(
        self,
        sentence: str = "The store cannot accept this now; try again shortly",
        *,
        code: Code = "unavailable",
        retry_after: int = 5,
    ) -> None:
        super().__init__(code, sentence)
        self.headers["Retry-After"] = str(retry_after)
