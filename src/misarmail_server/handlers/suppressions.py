"""Suppressions over HTTP. Contract: openapi/paths/suppressions.yaml."""

from __future__ import annotations

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import suppressions


def list_suppressions(ctx: Context, parameters: models.ListSuppressionsParameters) -> models.SuppressionList:
    """List suppressions."""
    return suppressions.page(ctx, parameters)


def create_suppression(ctx: Context, body: models.SuppressionCreate) -> models.SuppressionResponse:
    """Create a suppression."""
    return models.SuppressionResponse(suppression=suppressions.create(ctx, body))


def get_suppression(ctx: Context, email: str, parameters: models.GetSuppressionParameters) -> models.SuppressionResponse:
    """Get a suppression."""
    reason = None if parameters.reason is UNSET else parameters.reason
    return models.SuppressionResponse(suppression=suppressions.get(ctx, email, reason))


def delete_suppression(ctx: Context, email: str, parameters: models.DeleteSuppressionParameters) -> models.SuppressionDeleted:
    """Delete a suppression."""
    reason = None if parameters.reason is UNSET else parameters.reason
    return models.SuppressionDeleted(email=suppressions.delete_(ctx, email, reason))
