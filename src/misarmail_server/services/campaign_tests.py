"""Test mails of a campaign: its content with example values, delivered by the same queue as all mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.delivery.message import marketing
from misarmail_server.events.barred import MailClass
from misarmail_server.services import campaigns, send, senders, suppressions, templates

EXAMPLE = {"first_name": "Ada", "last_name": "Lovelace", "company": "Analytical Engines", "company_name": "Analytical Engines"}


def send_to(ctx: Context, id_: str, emails: list[str]) -> models.CampaignTestResponse:
    """Send one mail to each address that is not suppressed.

    Raises NotFound, Conflict("wrong_state"), Forbidden("sender_not_verified"), Unusable("recipients_suppressed"), TooMany.
    """
    row = ctx.get(tables.Campaign, id_, "campaign")
    senders.require(ctx, row.from_email)
    campaigns.require_body(ctx, row)
    unique_emails = list({email.lower(): email for email in emails}.values())
    bars = suppressions.among(ctx, unique_emails, MailClass(is_marketing=True))
    if len(bars) == len(unique_emails):
        raise suppressions.all_suppressed(bars)
    suppressed = suppressions.to_recipients(bars)
    recipients = [email for email in unique_emails if email not in bars]
    return models.CampaignTestResponse(
        messages=[models.CampaignTestMessage(email=email, message_id=send.queue(ctx, _mail(ctx, row, email))) for email in recipients],
        suppressed=suppressed or UNSET,
    )


def _mail(ctx: Context, row: tables.Campaign, email: str) -> models.EmailSend:
    """The campaign's mail for one recipient. The unsubscribe link is filled in at delivery."""
    contact = {**EXAMPLE, "email": email}
    values = {**contact, "contact": contact, "unsubscribe_url": marketing.UNSUBSCRIBE_URL}
    html, text = _bodies(ctx, row, values)
    return models.EmailSend(
        from_=models.Mailbox(email=row.from_email, name=row.from_name or UNSET),
        to=[models.Mailbox(email=email)],
        reply_to=UNSET if row.reply_to is None else models.Mailbox(email=row.reply_to),
        subject=templates.render_subject(row.subject, values),
        html=UNSET if html is None else html,
        text=UNSET if text is None else text,
        stream="marketing",
    )


def _bodies(ctx: Context, row: tables.Campaign, values: Mapping[str, Any]) -> tuple[str | None, str | None]:
    if row.template_id is not None:
        rendered = templates.render(ctx, row.template_id, values, "template_id")
        return rendered.body_html, rendered.body_text
    return (
        None if row.body_html is None else templates.render_body(row.body_html, values, "body_html", escape=True),
        None if row.body_text is None else templates.render_body(row.body_text, values, "body_text", escape=False),
    )
