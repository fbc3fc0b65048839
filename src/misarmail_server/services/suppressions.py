"""Suppressions over the API, and the recipients that a send leaves out. `events/suppress` changes them, `events/barred` decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import ColumnElement, select

from misarmail_contract import models
from misarmail_server.context import Context, at, moment
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Invalid, NotFound, Unprocessable
from misarmail_server.events import barred, suppress, topics
from misarmail_server.events.barred import SCOPES, Bar, MailClass
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.events.topics import TopicMail
from misarmail_server.services.email_addresses import key
from misarmail_server.services.pagination import pagination

SUPPRESSION = tables.Suppression
WHOLE_DOMAIN = "*@"


def among(ctx: Context, addresses: Collection[str], mail: MailClass) -> dict[str, Bar]:
    """Address -> what bars the mail, for the suppressed ones of `addresses`."""
    keys = {address: key(address) for address in addresses}
    bars = barred.of_addresses(ctx, list(dict.fromkeys(keys.values())), mail)
    return {address: bars[key_] for address, key_ in keys.items() if key_ in bars} if bars else {}


def outside(ctx: Context, addresses: Collection[str], topic_id: str) -> dict[str, Bar]:
    """Address -> the bar of the topic, for those of `addresses` that are not subscribed to it."""
    mails = {address: TopicMail(topic_id, key(address)) for address in addresses}
    outside_ = topics.not_receiving(ctx.connection, set(mails.values()))
    return {address: Bar("unsubscribed", "marketing", topic_id) for address, mail in mails.items() if mail in outside_}


def to_recipients(bars: Mapping[str, Bar]) -> list[models.SuppressedRecipient]:
    """The recipients that were left out."""
    return [
        models.SuppressedRecipient(email=email, reason=bar.reason, scope=bar.scope, topic_id=bar.topic_id or UNSET)
        for email, bar in bars.items()
    ]


def all_suppressed(bars: Mapping[str, Bar]) -> Unprocessable:
    """The refusal of a mail that would reach nobody."""
    listed = ", ".join(f"{email} ({bar.reason}{' from the topic' if bar.topic_id else ''})" for email, bar in bars.items())
    recipients = [msgspec.to_builtins(recipient) for recipient in to_recipients(bars)]
    return Unprocessable("recipients_suppressed", f"Every recipient is suppressed: {listed}", suppressed=recipients)


def page(ctx: Context, parameters: models.ListSuppressionsParameters) -> models.SuppressionList:
    """One page of those that have not expired, newest first."""
    query = select(SUPPRESSION.__table__).where(SUPPRESSION.account_id == ctx.account_id, barred.is_active(ctx.now()))
    if parameters.reason is not UNSET:
        query = query.where(SUPPRESSION.reason == parameters.reason)
    if parameters.scope is not UNSET:
        query = query.where(SUPPRESSION.scope == parameters.scope)
    if parameters.search is not UNSET:
        query = query.where(SUPPRESSION.address.startswith(key(parameters.search), autoescape=True))
    number, limit = parameters.page, parameters.limit
    rows, total = ctx.page(query.order_by(SUPPRESSION.created_at.desc(), SUPPRESSION.address, SUPPRESSION.reason), number, limit)
    items, position = [_to_model(row) for row in rows], pagination(number, limit, total)
    return models.SuppressionList(suppressions=items, total=total, page=number, limit=limit, pagination=position)


def of_address(ctx: Context, address: str) -> list[models.Suppression]:
    """The active suppressions of a lower-case address, not of its domain."""
    own = (SUPPRESSION.account_id == ctx.account_id, SUPPRESSION.address == address)
    query = select(SUPPRESSION.__table__).where(*own, barred.is_active(ctx.now()))
    return [_to_model(row) for row in ctx.connection.execute(query.order_by(SUPPRESSION.reason))]


def create(ctx: Context, new: models.SuppressionCreate) -> models.Suppression:
    """Suppress an address or a domain. Raises Invalid, and Conflict("already_exists") if it is suppressed for this reason."""
    address = key(new.email)
    scope, expires_at = _scope(new), _expires_at(ctx, new)
    if address.startswith(WHOLE_DOMAIN) and new.reason != "manual":
        raise Invalid("reason", "Must be manual for a whole domain")
    cause = SuppressionCause(ctx.account_id, address, new.reason, scope=scope, expires_at=expires_at)
    if not suppress.apply(ctx.connection, [cause], ctx.now()):
        raise Conflict("already_exists", f"{address} is already suppressed ({new.reason})")
    return get(ctx, address, new.reason)


def get(ctx: Context, address: str, reason: models.SuppressionReason | None = None) -> models.Suppression:
    """The suppression of an address that bars most, or that of one reason. Raises NotFound."""
    rows = ctx.connection.execute(select(SUPPRESSION.__table__).where(*_own(ctx, address, reason))).all()
    if not rows:
        raise NotFound("suppression of", address)
    return _to_model(max(rows, key=lambda row: barred.rank(Bar(row.reason, row.scope))))


def delete_(ctx: Context, address: str, reason: models.SuppressionReason | None = None) -> str:
    """Lift all suppressions of an address, or that of one reason; returns the address in its stored form. Raises NotFound."""
    if suppress.lift(ctx, key(address), reason) == 0:
        raise NotFound("suppression of", address)
    return key(address)


def _scope(new: models.SuppressionCreate) -> models.SuppressionScope:
    """The scope of a new suppression: that of its reason, or for `manual` the stated one."""
    return SCOPES.get(new.reason, "all" if new.scope is UNSET else new.scope)


def _expires_at(ctx: Context, new: models.SuppressionCreate) -> int | None:
    """The end of a new suppression. Raises Invalid for a time that has passed."""
    if new.expires_at is UNSET or new.expires_at is None:
        return None
    expires_at = moment("expires_at", new.expires_at)
    if expires_at <= ctx.now():
        raise Invalid("expires_at", "Must be in the future")
    return expires_at


def _own(ctx: Context, address: str, reason: str | None) -> tuple[ColumnElement[bool], ...]:
    of_address = (SUPPRESSION.account_id == ctx.account_id, SUPPRESSION.address == key(address), barred.is_active(ctx.now()))
    return of_address if reason is None else (*of_address, SUPPRESSION.reason == reason)


def _to_model(row: Any) -> models.Suppression:
    expires_at = None if row.expires_at is None else at(row.expires_at)
    return models.Suppression(email=row.address, reason=row.reason, scope=row.scope, expires_at=expires_at, created_at=at(row.created_at))
