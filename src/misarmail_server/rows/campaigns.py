"""Campaigns."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Owned


class Campaign(Owned):
    """A mail to an audience. `services/campaign_states.py` defines the transitions of `status`.

    `segment_id` and `audience_json` None mean every subscribed contact. The body is the template's, or `body_html` and `body_text`. The
    template or segment may be deleted at any time, so it is checked again before sending. The results of its mail are in `event_counts`.
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
    topic_id: Mapped[str | None]  # the recipients must be subscribed to it
    audience_json: Mapped[str | None]  # instead of `segment_id`, see `services/campaign_audiences.py`
    template_id: Mapped[str | None]
    body_html: Mapped[str | None]
    body_text: Mapped[str | None]
    status: Mapped[str]
    reason: Mapped[str | None]  # why it was paused or failed by itself
    scheduled_at: Mapped[int | None]  # only a plan while the campaign is a draft
    started_at: Mapped[int | None]
    sent_at: Mapped[int | None]
    completed_at: Mapped[int | None]
    total_recipients: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[str | None]  # the message that its mail is rendered from, once it is being sent
    reached_at: Mapped[int | None]  # `created_at` and `id` of the last contact that was queued
    reached_id: Mapped[str | None]
    filled_at: Mapped[int | None]  # when the whole audience was queued
    created_at: Mapped[int]
    updated_at: Mapped[int]
