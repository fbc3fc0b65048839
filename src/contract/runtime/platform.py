"""What the runtime asks of the program around it, and `Open`, which asks nothing of the caller."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple, Protocol

import msgspec

from contract.openapi.operations import Operation
from contract.openapi.problem_shape import RFC_9457, ProblemShape
from contract.runtime.problems import Problem, as_json

log = logging.getLogger("contract")


@dataclass(slots=True)
class Request:
    """A checked request on its way to its handler. `sent` is the body as decoded JSON; `principal` is what `authenticate` gave."""

    operation: Operation
    request_id: str
    environ: Mapping[str, Any]
    principal: Any
    path: list[Any]
    sent: Any
    body: Any
    parameters: Any


class Encoded(NamedTuple):
    """An answer in bytes. A `stream` is sent instead of `body`, piece by piece, after the unit of work has ended."""

    status: int
    media_type: str
    body: bytes
    headers: Sequence[tuple[str, str]] = ()
    stream: Iterable[bytes] | None = None


Run = Callable[[Any], Encoded]
Headers = Sequence[tuple[str, str]]


class Platform(Protocol):
    """The program behind the contract."""

    def request_id(self) -> str:
        """A new id for this exchange."""

    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Any:
        """Who is asking; `credentials` by security scheme name. Raises Problem 401."""

    def scopes(self, principal: Any) -> frozenset[str] | None:
        """What the principal may do, None for everything."""

    def admit(self, operation: Operation, principal: Any) -> Headers:
        """Count the request; header fields for the answer. Raises Problem 429."""

    def call(self, request: Request, run: Run) -> Encoded:
        """Run the handler with the context it needs. Raises Problem for every refusal."""

    def render(self, problem: Problem, request_id: str) -> Encoded:
        """A problem in bytes."""

    def report(self, error: BaseException, request_id: str) -> None:
        """Write a fault to the log."""


class Open:
    """A platform without accounts: every credential is accepted. Errors have the given shape, that of RFC 9457 by default."""

    def __init__(self, shape: ProblemShape = RFC_9457) -> None:
        self._shape = shape
        self._process = os.urandom(6).hex()
        self._numbers = count(1)

    def request_id(self) -> str:
        """Twelve random hexadecimal digits of this process, and a number."""
        return f"{self._process}-{next(self._numbers)}"

    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Any:
        """Any credential will do where one is asked for; `{}` among the alternatives means none is."""
        if not credentials and {} not in operation.security:
            raise Problem(401, "unauthenticated", "Authentication is required", headers={"WWW-Authenticate": "Bearer"})
        return credentials

    def scopes(self, principal: Any) -> frozenset[str] | None:  # noqa: ARG002 - everybody may do everything
        """Everything."""
        return None

    def admit(self, operation: Operation, principal: Any) -> Headers:  # noqa: ARG002 - nothing is counted
        """No limits."""
        return ()

    def call(self, request: Request, run: Run) -> Encoded:
        """The handler's context is the request."""
        return run(request)

    def render(self, problem: Problem, request_id: str) -> Encoded:
        """The problem in the shape of the platform."""
        body = msgspec.json.encode(as_json(problem, self._shape, request_id))
        return Encoded(problem.status, self._shape.media_type, body, tuple(problem.headers.items()))

    def report(self, error: BaseException, request_id: str) -> None:
        """To the standard log."""
        log.error("request %s failed", request_id, exc_info=error)
