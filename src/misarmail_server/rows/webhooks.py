"""Webhooks and their deliveries."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_contract.models import EventType, WebhookDeliveryState
from misarmail_server.rows.table import Owned, Table


class Webhook(Owned):
    """An endpoint that receives an account's events."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_account_created", "account_id", "created_at"),)

    url: Mapped[str]
    events_json: Mapped[str]  # a list of the contract's event types
    secret_sealed: Mapped[bytes]  # see vault.py
    active: Mapped[bool]
    silent_since: Mapped[int | None]  # of the first post without a response after the last response
    paused_until: Mapped[int | None]  # deliveries wait until then; see events/webhook_breaker.py
    created_at: Mapped[int]
    updated_at: Mapped[int]


class WebhookDelivery(Owned):
    """An event for one receiver: both the log and the queue. `state`: pending (retried at `due_at`) -> delivered | failed.

    A lease is `lease_until`; a row with an expired lease is due again.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_webhook", "webhook_id", "id"),
        Index("ix_webhook_deliveries_inbound", "inbound_id"),
        Index("ix_webhook_deliveries_due", "state", "due_at"),
    )

    # Exactly one is set: a webhook for an account's event, or an inbound domain for received mail.
    webhook_id: Mapped[str | None] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    inbound_id: Mapped[str | None] = mapped_column(ForeignKey("inbound_domains.id", ondelete="CASCADE"))
    event_id: Mapped[str]
    event_type: Mapped[EventType] = mapped_column(Text)
    body: Mapped[bytes]  # the exact bytes that are posted, so that every retry is the same
    state: Mapped[WebhookDeliveryState] = mapped_column(Text)
    attempt_count: Mapped[int]
    due_at: Mapped[int]
    lease_until: Mapped[int | None]
    status_code: Mapped[int | None]
    error: Mapped[str | None]
    created_at: Mapped[int]


class RelayToken(Table):
    """How often an account's relay token was renewed; no row means never. The previous token is valid until `former_until`."""

    __tablename__ = "relay_tokens"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    generation: Mapped[int]
    former_until: Mapped[int]
