"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType
from typing import Any, Protocol

from contract.runtime.binding import HandlerResponse, Signature
from two_successes import models


class Jobs(Protocol):
    """Handlers of `jobs`."""

    def list_jobs(self, ctx: Any) -> HandlerResponse[models.ListJobsResponse | models.ListJobsResponse203]:
        """Lists have no type of their own."""

    def update_job(self, ctx: Any) -> HandlerResponse[models.Done]:
        """Told by a reply."""

    def create_job(self, ctx: Any) -> models.Done | models.Later | bytes | Iterator[bytes] | None:
        """Told by their types."""


SIGNATURES: dict[str, Signature] = {
    "list_jobs": Signature("jobs"),
    "update_job": Signature("jobs"),
    "create_job": Signature("jobs", responses={models.Done: 200, models.Later: 202, NoneType: 204, bytes: 206}),
}
