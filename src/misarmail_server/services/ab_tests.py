"""A/B tests: variants of a draft campaign, their results, and the choice of a winner."""

from __future__ import annotations

from typing import NoReturn

from msgspec import UNSET
from sqlalchemy import insert, update

from misarmail_contract import models
from misarmail_server.context import Context, as_model, at, at_or_none
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Forbidden, Invalid, NotFound
from misarmail_server.services import ab_test_statistics, campaign_states, templates

COUNT_COLUMNS = {"open_rate": "open_count", "click_rate": "click_count", "reply_rate": "reply_count"}
VARIANT_NAMES = "ABCDE"
OVERRIDES = ("subject", "body_html", "body_text", "from_name")


def create(ctx: Context, new: models.AbTestCreate) -> models.AbTest:
    """Create a test. The unique constraint allows one test per campaign.

    Raises Invalid for an unknown campaign and for invalid merge tags, Conflict("wrong_state" | "already_exists").
    """
    for position, variant in enumerate(new.variants):
        templates.require_compiled(variant, "variants", f"[{position}]")
    try:
        campaign = ctx.lock(tables.Campaign, new.campaign_id, "campaign")
    except NotFound as missing:
        raise Invalid("campaign_id", missing.sentence) from None
    campaign_states.require(campaign, frozenset({"draft"}), "tested")
    id_ = ctx.new_id("abt")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "campaign_id": new.campaign_id,
        "status": "draft",
        "metric": new.metric,
        "test_size_percent": new.test_size_percent,
        "auto_send_winner": new.auto_send_winner,
        "auto_send_after_hours": new.auto_send_after_hours,
        "variant_count": len(new.variants),
        "created_at": ctx.now(),
    }
    if not ctx.insert_new(tables.AbTest, row):
        raise Conflict("already_exists", f"The campaign {new.campaign_id} already has an A/B test")
    ctx.connection.execute(insert(tables.Variant), [_variant_row(ctx, id_, *numbered) for numbered in enumerate(new.variants)])
    return get(ctx, id_)


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.AbTestSummary], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.newest(tables.AbTest, number, limit)
    return [as_model(row, models.AbTestSummary) for row in rows], total


def get(ctx: Context, id_: str) -> models.AbTest:
    """One test with the results of its variants. Raises NotFound."""
    row = ctx.get(tables.AbTest, id_, "A/B test")
    return models.AbTest(
        id=row.id,
        campaign_id=row.campaign_id,
        status=row.status,
        metric=row.metric,
        test_size_percent=row.test_size_percent,
        auto_send_winner=row.auto_send_winner,
        auto_send_after_hours=row.auto_send_after_hours,
        variants=_with_estimates(_variants(ctx, id_), COUNT_COLUMNS[row.metric]),
        winner_id=row.winner_id,
        started_at=at_or_none(row.started_at),
        completed_at=at_or_none(row.completed_at),
        created_at=at(row.created_at),
    )


def start(ctx: Context, id_: str) -> NoReturn:
    """Refuse to start: nothing would be sent. Raises NotFound, Forbidden("feature_unavailable")."""
    ctx.get(tables.AbTest, id_, "A/B test")
    raise Forbidden("feature_unavailable", "A/B tests do not run in this version", feature="ab_tests")


def choose(ctx: Context, id_: str, variant_id: str) -> models.AbTest:
    """End a test: the campaign adopts the winner's overrides. The database accepts one choice.

    Raises NotFound, and Conflict("wrong_state") also for a variant of another test.
    """
    campaign = _held_campaign(ctx, id_)
    winner = next((variant for variant in _variants(ctx, id_) if variant.id == variant_id), None)
    if winner is None:
        raise Conflict("wrong_state", f"There is no variant {variant_id} in this A/B test")
    test = tables.AbTest
    underway = (test.id == id_) & test.status.in_(campaign_states.UNDERWAY)
    change = update(test).where(underway).values(status="completed", winner_id=variant_id, completed_at=ctx.now())
    if ctx.connection.execute(change).rowcount == 0:
        raise Conflict("wrong_state", "The A/B test was not started, or its winner was already chosen")
    _apply_winner(ctx, campaign, winner)
    return _reload(ctx, id_)


def _held_campaign(ctx: Context, id_: str) -> tables.Campaign:
    """The test's campaign, locked: every change of it or its test takes this lock first. Raises NotFound."""
    campaign_id = ctx.get(tables.AbTest, id_, "A/B test").campaign_id
    return ctx.lock(tables.Campaign, campaign_id, "campaign")


def _reload(ctx: Context, id_: str) -> models.AbTest:
    ctx.db.flush()
    ctx.db.expire_all()
    return get(ctx, id_)


def _variants(ctx: Context, id_: str) -> list[tables.Variant]:
    variant = tables.Variant
    return list(ctx.db.scalars(ctx.own(variant).where(variant.ab_test_id == id_).order_by(variant.position)))


def _variant_row(ctx: Context, test_id: str, position: int, new: models.AbTestVariantCreate) -> dict[str, str | int | None]:
    return {
        "id": ctx.new_id("var"),
        "account_id": ctx.account_id,
        "ab_test_id": test_id,
        "position": position,
        "name": VARIANT_NAMES[position] if new.name is UNSET else new.name,
        **{name: getattr(new, name) or None for name in OVERRIDES},
    }


def _with_estimates(rows: list[tables.Variant], column: str) -> list[models.AbTestVariant]:
    estimates = ab_test_statistics.compare([ab_test_statistics.Count(getattr(row, column), row.send_count) for row in rows])
    return [
        models.AbTestVariant(
            id=row.id,
            name=row.name,
            subject=row.subject,
            body_html=row.body_html,
            body_text=row.body_text,
            from_name=row.from_name,
            send_count=row.send_count,
            open_count=row.open_count,
            click_count=row.click_count,
            reply_count=row.reply_count,
            rate=min(1.0, getattr(row, column) / row.send_count) if row.send_count else None,
            credible_interval=models.CredibleInterval(low=estimate.low, high=estimate.high),
            probability_best=estimate.probability_best,
        )
        for row, estimate in zip(rows, estimates, strict=True)
    ]


def _apply_winner(ctx: Context, campaign: tables.Campaign, winner: tables.Variant) -> None:
    """Copy the winner's overrides to the campaign; a body replaces its template."""
    if campaign.template_id is not None and (winner.body_html or winner.body_text):
        campaign.template_id = None
    for name in OVERRIDES:
        setattr(campaign, name, getattr(winner, name) or getattr(campaign, name))
    campaign.updated_at = ctx.now()
