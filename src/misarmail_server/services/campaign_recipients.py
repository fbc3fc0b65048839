"""The recipients of a campaign, with the state of their mail and their first responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import ColumnElement, select

from misarmail_contract import models
from misarmail_server.context import Context, at_or_none
from misarmail_server.db import tables
from misarmail_server.services import cursors
from misarmail_server.services.cursors import Position
from misarmail_server.services.message_tracking import CLICKED, OPENED

RECIPIENT, FIRST = tables.Recipient, tables.FirstResponse


def page(ctx: Context, id_: str, parameters: models.ListCampaignRecipientsParameters) -> tuple[list[models.CampaignRecipient], str | None]:
    """(one page of a campaign's recipients, the cursor of the next), by address. Raises NotFound, Invalid("cursor")."""
    message_id = ctx.get(tables.Campaign, id_, "campaign").message_id
    filters = msgspec.structs.replace(parameters, cursor=UNSET, limit=1)
    list_ = msgspec.json.encode(["list_campaign_recipients", id_, filters])
    opened, clicked = _first(OPENED), _first(CLICKED)
    columns = (RECIPIENT.id, RECIPIENT.address, RECIPIENT.contact_id, RECIPIENT.state, RECIPIENT.finished_at)
    query = select(*columns, opened.label("opened_at"), clicked.label("clicked_at")).where(RECIPIENT.message_id == message_id)
    query = query.where(*_filters(parameters, opened, clicked))
    if parameters.cursor is not UNSET:
        last = cursors.read(ctx, list_, parameters.cursor).at  # its row, as a cursor is not encrypted
        query = query.where(RECIPIENT.address > select(RECIPIENT.address).where(RECIPIENT.id == last).scalar_subquery())
    rows = ctx.connection.execute(query.order_by(RECIPIENT.address).limit(parameters.limit + 1)).all()
    shown = rows[: parameters.limit]
    next_ = cursors.make(ctx, list_, Position(shown[-1].id, "", 0)) if len(rows) > len(shown) else None
    return [_to_model(row) for row in shown], next_


def _filters(parameters: models.ListCampaignRecipientsParameters, opened: Any, clicked: Any) -> Iterator[ColumnElement[bool]]:
    if parameters.state is not UNSET:
        yield RECIPIENT.state == parameters.state
    for wanted, responded_at in ((parameters.opened, opened), (parameters.clicked, clicked)):
        if wanted is not UNSET:
            yield responded_at.is_not(None) if wanted else responded_at.is_(None)


def _first(response: int) -> Any:
    """The time of the first response of a kind by a person, as a subquery about a recipient."""
    of_recipient = select(FIRST.at).where(FIRST.recipient_id == RECIPIENT.id, FIRST.response == response)
    return of_recipient.correlate(RECIPIENT).scalar_subquery()


def _to_model(row: Any) -> models.CampaignRecipient:
    return models.CampaignRecipient(
        email=row.address,
        contact_id=row.contact_id,
        state=row.state,
        finished_at=at_or_none(row.finished_at),
        opened_at=at_or_none(row.opened_at),
        clicked_at=at_or_none(row.clicked_at),
    )
