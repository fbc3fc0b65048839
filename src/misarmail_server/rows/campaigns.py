"""Campaigns."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Owned


class Campaign(Owned):
    """A mail to an audience. `services/campaign_states.py` says which `status` may follow which.

    `segment_id` is None for every subscribed contact. The body is the template's, or `body_html` and `body_text`.
    A template or segment may be deleted under it; whoever sends looks again. What became of its mails is in `event_counts`.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        Index("ix_campaigns_account_created", "account_id", "created_at"),
        Index("ix_campaigns_account_status", "account_id", "status", "created_at"),
        Index("ix_campaigns_due", "status", "scheduled_at"),
    )

    name: Mapped[str]
    subject: Mapped[str]
    from_email: Mapped[str]
    from_name: Mapped[str | None]
    reply_to: Mapped[str | None]
    segment_id: Mapped[str | None]
    template_id: Mapped[str | None]
    body_html: Mapped[str | None]
    body_text: Mapped[str | None]
    status: Mapped[str]
    scheduled_at: Mapped[int | None]  # a draft's is only planned
    started_at: Mapped[int | None]
    sent_at: Mapped[int | None]
    completed_at: Mapped[int | None]
    total_recipients: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[str | None]  # what its mails are made of, once it is being sent
    reached_at: Mapped[int | None]  # `created_at` and `id` of the last contact that stands in the ledger
    reached_id: Mapped[str | None]
    filled_at: Mapped[int | None]  # when the whole audience stood there
    created_at: Mapped[int]
    updated_at: Mapped[int]
