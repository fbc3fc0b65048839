"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from two_successes import routes
from two_successes_handlers import jobs

_jobs: routes.Jobs = jobs

HANDLERS: dict[str, Any] = {
    "jobs": jobs,
}
