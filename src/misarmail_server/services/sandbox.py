"""The sandbox inbox: captured mail of the last seven days."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, select

from misarmail_contract import models
from misarmail_server import tables
from misarmail_server.context import DAY, Context, at
from misarmail_server.delivery import compose, mail_checks
from misarmail_server.delivery.headers import wire_address
from misarmail_server.errors import NotFound

KEPT = 7 * DAY


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.SandboxSend], int]:
    """(one page, how many on all pages), newest first."""
    newest = _captured(ctx).order_by(tables.Capture.created_at.desc(), tables.Capture.message_id.desc())
    rows, total = ctx.page(newest, number, limit)
    recipients = _recipients(ctx, [row.id for row in rows])
    return [_to_model(row, recipients[row.id]) for row in rows], total


def get(ctx: Context, id_: str) -> models.SandboxSend:
    """One captured mail. Raises NotFound."""
    row = ctx.connection.execute(_captured(ctx).where(tables.Capture.message_id == id_)).first()
    if row is None:
        raise NotFound("captured mail", id_)
    return _to_model(row, _recipients(ctx, [id_])[id_])


def checks(ctx: Context, id_: str) -> list[models.MailCheck]:
    """What there is to say about a captured mail. Raises NotFound."""
    row = ctx.get(tables.Message, id_, "captured mail")
    files = ctx.connection.execute(select(tables.Attachment.__table__).where(tables.Attachment.message_id == id_)).all()
    mail = compose.from_rows(row, files)
    subject = mail_checks.Subject(
        mail, row.stream == "marketing", _is_signed(ctx, wire_address(row.from_email, "sender").rpartition("@")[2].lower())
    )
    return [models.MailCheck(check=one.check, status=one.status, detail=one.detail) for one in mail_checks.check(subject)]


def _is_signed(ctx: Context, domain: str) -> bool:
    key, verified = tables.DkimKey, tables.VerifiedDomain
    signing = select(key.selector).join(verified, verified.domain_id == key.domain_id).where(key.state == "active")
    of_domain = signing.where(verified.name == domain, verified.account_id == ctx.account_id)
    return ctx.connection.scalar(of_domain.limit(1)) is not None


def clear(ctx: Context) -> int:
    """Empty the inbox and return how many mails it had. The messages stay."""
    return ctx.connection.execute(delete(tables.Capture).where(tables.Capture.account_id == ctx.account_id)).rowcount


def delete_(ctx: Context, id_: str) -> None:
    """Take one mail out. Raises NotFound."""
    gone = delete(tables.Capture).where(tables.Capture.account_id == ctx.account_id, tables.Capture.message_id == id_)
    if ctx.connection.execute(gone).rowcount == 0:
        raise NotFound("captured mail", id_)


def _captured(ctx: Context) -> Select[Any]:
    message = tables.Message.__table__
    return (
        select(message, tables.Capture.created_at.label("captured_at"))
        .join(tables.Capture, tables.Capture.message_id == message.c.id)
        .where(tables.Capture.account_id == ctx.account_id, tables.Capture.created_at > ctx.now() - KEPT)
    )


def _recipients(ctx: Context, message_ids: list[str]) -> dict[str, list[str]]:
    """Message id -> its recipients' addresses, in one query for the page."""
    recipient = tables.Recipient
    rows = ctx.connection.execute(
        select(recipient.message_id, recipient.address).where(recipient.message_id.in_(message_ids)).order_by(recipient.id)
    )
    found: dict[str, list[str]] = {id_: [] for id_ in message_ids}
    for row in rows:
        found[row.message_id].append(row.address)
    return found


def _to_model(row: Any, addresses: list[str]) -> models.SandboxSend:
    return models.SandboxSend(
        id=row.id,
        from_=row.from_email,
        to=addresses,
        subject=row.subject,
        body_html=row.body_html,
        body_text=row.body_text,
        headers=compose.headers(compose.from_rows(row)),
        created_at=at(row.captured_at),
    )
