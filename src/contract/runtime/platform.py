"""The interface between the runtime and the program around it, and `OpenPlatform`, which accepts every caller."""

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
class HandlerRequest:
    """A validated request. `sent` is the body as decoded JSON; `principal` is the result of `authenticate`."""

    operation: Operation
    request_id: str
    environ: Mapping[str, Any]
    principal: Any
    path: list[Any]
    sent: Any
    body: Any
    parameters: Any


class EncodedResponse(NamedTuple):
    """A response in bytes. A `stream` is sent instead of `body`, piece by piece, after the unit of work has ended.

    A server may wait for `stream.pause_seconds`, if there is such an attribute, before it takes each piece but the first.
    """

    status: int
    media_type: str
    body: bytes
    headers: Sequence[tuple[str, str]] = ()
    stream: Iterable[bytes] | None = None


RunHandler = Callable[[Any], EncodedResponse]
Headers = Sequence[tuple[str, str]]


class PlatformProtocol(Protocol):
    """The program behind the contract."""

    def request_id(self) -> str:
        """A new id for this exchange."""

    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Any:
        """The principal of a request; `credentials` are by security scheme. Raises Problem 401."""

    def scopes(self, principal: Any) -> frozenset[str] | None:
        """The scopes of a principal, None for all."""

    def admit(self, operation: Operation, principal: Any) -> Headers:
        """Count the request and return headers for the response. Raises Problem 429."""

    def call(self, request: HandlerRequest, run: RunHandler) -> EncodedResponse:
        """Run the handler with its context. Raises Problem for every refusal."""

    def render(self, problem: Problem, request_id: str) -> EncodedResponse:
        """A problem in bytes."""

    def report(self, error: BaseException, request_id: str) -> None:
        """Log an unexpected error."""


class OpenPlatform:
    """A platform without accounts: it accepts every credential. Errors have the given shape, by default that of RFC 9457."""

    def __init__(self, shape: ProblemShape = RFC_9457) -> None:
        self._shape = shape
        self._process = os.urandom(6).hex()
        self._numbers = count(1)

    def request_id(self) -> str:
        """Twelve random hexadecimal digits of this process, and a number."""
        return f"{self._process}-{next(self._numbers)}"

    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Any:
        """Accept any credential where one is required; `{}` among the alternatives means that none is."""
        if not credentials and {} not in operation.security:
            raise Problem(401, "unauthenticated", "Authentication is required", headers={"WWW-Authenticate": "Bearer"})
        return credentials

    def scopes(self, principal: Any) -> frozenset[str] | None:  # noqa: ARG002 - every caller has all scopes
        """All scopes."""
        return None

    def admit(self, operation: Operation, principal: Any) -> Headers:  # noqa: ARG002 - nothing is counted
        """No limits."""
        return ()

    def call(self, request: HandlerRequest, run: RunHandler) -> EncodedResponse:
        """Call the handler with the request as its context."""
        return run(request)

    def render(self, problem: Problem, request_id: str) -> EncodedResponse:
        """Encode the problem in the shape of the platform."""
        body = msgspec.json.encode(as_json(problem, self._shape, request_id))
        return EncodedResponse(problem.status, self._shape.media_type, body, tuple(problem.headers.items()))

    def report(self, error: BaseException, request_id: str) -> None:
        """Log to the standard log."""
        log.error("request %s failed", request_id, exc_info=error)
