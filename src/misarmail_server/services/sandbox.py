"""The sandbox inbox: captured mail of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all, update

from misarmail_contract import models
from misarmail_server.context import DAY, Context, at
from misarmail_server.db import tables
from misarmail_server.delivery.message import checks as message_checks
from misarmail_server.delivery.message import stored_parts
from misarmail_server.delivery.message.preview import CapturedRecipient, Preview, Previews
from misarmail_server.delivery.message.stored_message import StoredParts
from misarmail_server.errors import NotFound
from misarmail_server.services import sandbox_space

MAX_NAMED = 200  # recipients in a response; a send has no more, a campaign may
MAX_RAW_LENGTH = 1_000_000  # bytes of the raw mail in a response


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.SandboxSend], int]:
    """(one page, the total), newest first. Previews are not signed: the RSA signatures of a page would double its time."""
    newest = _captured(ctx).order_by(tables.Capture.created_at.desc(), tables.Capture.message_id.desc())
    rows, total = ctx.page(newest, number, limit)
    recipients = _recipients(ctx, [row.id for row in rows])
    previews = Previews(ctx.settings, ctx.store)
    links = stored_parts.read_links(ctx.connection, recipients)
    mails = [previews.render(row, _first(recipients[row.id]), StoredParts(links=links[row.id]), is_signed=False) for row in rows]
    return [_to_model(row, mail, recipients[row.id]) for row, mail in zip(rows, mails, strict=True)], total


def get(ctx: Context, id_: str, address: str | None) -> models.SandboxSendResponse:
    """A captured mail as one recipient gets it, the first by default, with its checks. Raises NotFound."""
    row = ctx.connection.execute(_captured(ctx).where(tables.Capture.message_id == id_)).first()
    if row is None:
        raise NotFound("captured mail", id_)
    recipients = _recipients(ctx, [id_])[id_]
    to = _first(recipients) if address is None else _named(ctx, id_, address)
    preview = Previews(ctx.settings, ctx.store).render(row, to, stored_parts.read(ctx.connection, row), is_signed=True)
    results = message_checks.check(message_checks.CheckedMail(preview, row.stream == "marketing"))
    checks = [models.SandboxCheck(check=result.check, status=result.status, detail=result.detail) for result in results]
    raw = preview.raw.decode("utf-8", "replace") if 0 < len(preview.raw) <= MAX_RAW_LENGTH else None
    return models.SandboxSendResponse(send=_to_model(row, preview, recipients), checks=checks, raw=raw)


def clear(ctx: Context) -> int:
    """Empty the inbox and return the number of removed mails. A background task deletes their messages."""
    capture = tables.Capture
    count = ctx.connection.execute(update(capture).where(*_visible(ctx)).values(created_at=0)).rowcount
    removed = (capture.account_id == ctx.account_id, capture.created_at == 0, capture.size > 0)
    size = ctx.connection.scalar(select(func.sum(capture.size)).where(*removed))
    if size:
        ctx.connection.execute(update(capture).where(*removed).values(size=0))
        sandbox_space.give_back(ctx.connection, ctx.account_id, size)
    return count


def delete_(ctx: Context, id_: str) -> None:
    """Remove one mail. Raises NotFound."""
    capture = tables.Capture
    size = ctx.connection.scalar(select(capture.size).where(*_visible(ctx), capture.message_id == id_).with_for_update())
    if size is None:
        raise NotFound("captured mail", id_)
    ctx.connection.execute(update(capture).where(capture.message_id == id_).values(created_at=0, size=0))
    sandbox_space.give_back(ctx.connection, ctx.account_id, size)


def _visible(ctx: Context) -> tuple[ColumnElement[bool], ...]:
    capture = tables.Capture
    return capture.account_id == ctx.account_id, capture.created_at > ctx.now() - ctx.settings.sandbox_days * DAY


def _captured(ctx: Context) -> Select[Any]:
    message = tables.Message.__table__
    return (
        select(message, tables.Capture.created_at.label("captured_at"))
        .join(tables.Capture, tables.Capture.message_id == message.c.id)
        .where(*_visible(ctx))
    )


def _recipients(ctx: Context, message_ids: Sequence[str]) -> dict[str, list[CapturedRecipient]]:
    """Message id -> its recipients, for a campaign only the first ones; one query for the page."""
    recipients: dict[str, list[CapturedRecipient]] = {id_: [] for id_ in message_ids}
    if not recipients:
        return recipients
    queries = [select(_of_message(id_).order_by(tables.Recipient.id).limit(MAX_NAMED).subquery()) for id_ in message_ids]
    for row in ctx.connection.execute(union_all(*queries)):
        recipients[row.message_id].append(CapturedRecipient(*row))
    return recipients


def _of_message(id_: str) -> Select[int, str, str, str | None]:
    recipient = tables.Recipient
    return select(recipient.id, recipient.message_id, recipient.address, recipient.values_json).where(recipient.message_id == id_)


def _first(recipients: Sequence[CapturedRecipient]) -> CapturedRecipient | None:
    return recipients[0] if recipients else None


def _named(ctx: Context, id_: str, address: str) -> CapturedRecipient:
    """The recipient with that address. Raises NotFound."""
    row = ctx.connection.execute(_of_message(id_).where(func.lower(tables.Recipient.address) == address.lower())).first()
    if row is None:
        raise NotFound("recipient", address)
    return CapturedRecipient(*row)


def _to_model(row: Any, preview: Preview, recipients: Sequence[CapturedRecipient]) -> models.SandboxSend:
    headers: dict[str, list[str]] = {}
    for name, value in preview.headers:
        headers.setdefault(name, []).append(value)
    return models.SandboxSend(
        id=row.id,
        from_=row.from_email,
        to=[recipient.address for recipient in recipients],
        subject=preview.message.subject,
        body_html=preview.message.html,
        body_text=preview.message.text,
        headers={name: "\n".join(values) for name, values in headers.items()},
        created_at=at(row.captured_at),
    )
