"""Events and purchases that the account's programs report. Both are stored by lower-case address, not by contact."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from misarmail_server.rows.table import Owned


class TrackedEvent(Owned):
    """A reported event. It may outlive the contact of the address, and may be older than it."""

    __tablename__ = "tracked_events"
    __table_args__ = (
        Index("ix_tracked_events_account_event", "account_id", "event", "at"),
        Index("ix_tracked_events_account_email", "account_id", "email", "at"),
    )

    email: Mapped[str]
    event: Mapped[str]
    properties_json: Mapped[str]  # {name: scalar}
    message_id: Mapped[str | None]
    at: Mapped[int]


class Purchase(Owned):
    """An order, recorded once; the unique constraint decides. The mail that led to it is determined when it is recorded."""

    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("account_id", "order_id", name="uq_purchases_account_order"),
        Index("ix_purchases_account_email", "account_id", "email", "at"),
    )

    email: Mapped[str]
    order_id: Mapped[str]
    amount_minor: Mapped[int]  # in the currency's minor unit
    currency: Mapped[str]  # ISO 4217
    items_json: Mapped[str]  # as in the request
    source: Mapped[str]  # click, open or none
    campaign_id: Mapped[str | None]
    message_id: Mapped[str | None]
    clicked_at: Mapped[int | None]
    at: Mapped[int]
    created_at: Mapped[int]
