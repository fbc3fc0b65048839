"""Totals of campaigns, summed from the event counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select

from misarmail_contract import models
from misarmail_server.context import Context, Model, as_model
from misarmail_server.db import tables
from misarmail_server.services import campaign_audiences

# The contract's totals, and the event kinds that each counts.
SENT = ("delivered", "hard_bounced", "soft_bounced", "ambiguous")
TOTALS: dict[str, tuple[str, ...]] = {
    "total_sent": SENT,
    "total_delivered": ("delivered",),
    "total_opened": ("unique_opened",),
    "total_clicked": ("unique_clicked",),
    "total_bounced": ("hard_bounced", "soft_bounced"),
    "total_complained": ("complained",),
    "total_unsubscribed": ("unsubscribed",),
    "suppressed_count": ("suppressed",),
    "cancelled_count": ("cancelled",),
    "captured_count": ("captured",),
}

# The totals of recipients whose mail is finished; the others wait. Each recipient is in one of them.
FINISHED = ("total_sent", "suppressed_count", "cancelled_count", "captured_count")


def to_model(ctx: Context, row: tables.Campaign) -> models.Campaign:
    """A campaign with its totals."""
    (campaign,) = to_models(ctx, [row], models.Campaign)
    return campaign


def to_models(ctx: Context, rows: Sequence[Any], model: type[Model]) -> list[Model]:
    """Campaigns with the totals that the model has."""
    counts = _counts(ctx, [row.id for row in rows])
    return [as_model(_Counted(row, counts[row.id]), model) for row in rows]


class _Counted:
    """A row with its totals as attributes."""

    def __init__(self, row: Any, counts: dict[str, int]) -> None:
        self._row = row
        self._totals = {name: sum(counts.get(kind, 0) for kind in kinds) for name, kinds in TOTALS.items()}
        self._totals["waiting_count"] = row.total_recipients - sum(self._totals[name] for name in FINISHED)

    @property
    def audience(self) -> Any:
        return campaign_audiences.decoded(self._row.audience_json)

    def __getattr__(self, name: str) -> Any:
        return self._totals[name] if name in self._totals else getattr(self._row, name)


def _counts(ctx: Context, ids: Sequence[str]) -> defaultdict[str, dict[str, int]]:
    event_count = tables.EventCount
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    if not ids:
        return counts
    conditions = (event_count.account_id == ctx.account_id, event_count.campaign_id.in_(ids), event_count.span == "day")
    query = (
        select(event_count.campaign_id, event_count.kind, func.sum(event_count.count))
        .where(*conditions)
        .group_by(event_count.campaign_id, event_count.kind)
    )
    for id_, kind, count in ctx.connection.execute(query):
        counts[id_][kind] = int(count)
    return counts


def progress(ctx: Context, row: tables.Campaign) -> models.CampaignProgress:
    """A campaign's state and totals."""
    campaign = to_model(ctx, row)
    return msgspec.convert({"campaign_id": campaign.id, **msgspec.structs.asdict(campaign)}, models.CampaignProgress)
