"""A/B tests and their variants."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_contract.models import AbTestMetric, AbTestStatus
from misarmail_server.rows.table import Owned


class AbTest(Owned):
    """A test of a campaign; a campaign has at most one. `status`: draft, scheduled, running or completed."""

    __tablename__ = "ab_tests"
    __table_args__ = (UniqueConstraint("campaign_id"), Index("ix_ab_tests_account_created", "account_id", "created_at"))

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"))
    status: Mapped[AbTestStatus] = mapped_column(Text)
    metric: Mapped[AbTestMetric] = mapped_column(Text)
    test_size_percent: Mapped[float]
    auto_send_winner: Mapped[bool]
    auto_send_after_hours: Mapped[float]
    variant_count: Mapped[int]
    winner_id: Mapped[str | None]
    started_at: Mapped[int | None]
    completed_at: Mapped[int | None]
    created_at: Mapped[int]


class Variant(Owned):
    """The content of one variant; None uses the campaign's value."""

    __tablename__ = "variants"
    __table_args__ = (UniqueConstraint("ab_test_id", "position"),)

    ab_test_id: Mapped[str] = mapped_column(ForeignKey("ab_tests.id"))
    position: Mapped[int]  # from 0
    name: Mapped[str]
    subject: Mapped[str | None]
    body_html: Mapped[str | None]
    body_text: Mapped[str | None]
    from_name: Mapped[str | None]
    send_count: Mapped[int] = mapped_column(default=0)
    open_count: Mapped[int] = mapped_column(default=0)
    click_count: Mapped[int] = mapped_column(default=0)
    reply_count: Mapped[int] = mapped_column(default=0)
