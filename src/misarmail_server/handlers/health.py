"""Health over HTTP. Contract: openapi/paths/health.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import OpenContext
from misarmail_server.services import health
from misarmail_server.settings import VERSION


def get_health(ctx: OpenContext) -> models.HealthResponse:  # noqa: ARG001 - it answers without looking at anything
    """Ask whether the process answers."""
    return models.HealthResponse(version=VERSION)


def get_readiness(ctx: OpenContext) -> models.ReadinessResponse:
    """Ask whether the server can take work."""
    return models.ReadinessResponse(due_count=health.readiness(ctx.settings, ctx.store))
