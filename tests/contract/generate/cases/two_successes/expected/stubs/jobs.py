"""Jobs over HTTP. Contract: two_successes.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.runtime.binding import HandlerResponse
from two_successes import models


def list_jobs(
    ctx: Any,
) -> HandlerResponse[models.ListJobsResponse | models.ListJobsResponse203]:
    """Lists have no type of their own."""
    raise NotImplementedError("list_jobs has no handler yet")


def update_job(ctx: Any) -> HandlerResponse[models.Done]:
    """Told by a reply."""
    raise NotImplementedError("update_job has no handler yet")


def create_job(ctx: Any) -> models.Done | models.Later | bytes | Iterator[bytes] | None:
    """Told by their types."""
    raise NotImplementedError("create_job has no handler yet")
