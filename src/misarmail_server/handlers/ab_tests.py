"""A/B tests over HTTP. Contract: openapi/paths/ab_tests.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import ab_tests


def list_ab_tests(ctx: Context, parameters: models.ListAbTestsParameters) -> models.AbTestList:
    """List A/B tests."""
    items, total = ab_tests.page(ctx, parameters.page, parameters.limit)
    return models.AbTestList(ab_tests=items, total=total, page=parameters.page, limit=parameters.limit)


def create_ab_test(ctx: Context, body: models.AbTestCreate) -> models.AbTestResponse:
    """Create an A/B test."""
    return models.AbTestResponse(ab_test=ab_tests.create(ctx, body))


def get_ab_test(ctx: Context, ab_test_id: str) -> models.AbTestResponse:
    """Get an A/B test."""
    return models.AbTestResponse(ab_test=ab_tests.get(ctx, ab_test_id))


def start_ab_test(ctx: Context, ab_test_id: str) -> models.AbTestResponse:
    """Start an A/B test."""
    ab_tests.start(ctx, ab_test_id)


def choose_winner(ctx: Context, ab_test_id: str, body: models.AbTestWinnerChoice) -> models.AbTestResponse:
    """Choose the winner of an A/B test."""
    return models.AbTestResponse(ab_test=ab_tests.choose(ctx, ab_test_id, body.variant_id))
