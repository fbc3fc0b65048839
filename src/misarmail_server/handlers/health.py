"""Health over HTTP. Contract: openapi/paths/health.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import OpenContext
from misarmail_server.services import health
from misarmail_server.settings import VERSION


def get_health(ctx: OpenContext) -> models.HealthResponse:  # noqa: ARG001 - the answer depends on nothing
    """Check liveness."""
    return models.HealthResponse(version=VERSION)


def get_readiness(ctx: OpenContext) -> models.ReadinessResponse:
    """Check readiness."""
    return models.ReadinessResponse(due_count=health.readiness(ctx.settings, ctx.store))
