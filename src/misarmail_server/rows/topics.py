"""Topics of marketing mail, and who subscribed to them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_contract.models import TopicDefault, TopicVisibility
from misarmail_server.rows.contacts import ORDERED
from misarmail_server.rows.table import Owned, Table


class Topic(Owned):
    """A subject of marketing mail. `default` decides for those who did not choose."""

    __tablename__ = "topics"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index("ix_topics_account_created", "account_id", "created_at"),
        CheckConstraint("\"default\" IN ('opt_in', 'opt_out')", name="default_choice"),
        CheckConstraint("visibility IN ('public', 'private')", name="visibility"),
    )

    name: Mapped[str]
    description: Mapped[str | None]
    default: Mapped[TopicDefault] = mapped_column(Text)  # never changes
    visibility: Mapped[TopicVisibility] = mapped_column(Text)
    created_at: Mapped[int]
    updated_at: Mapped[int]


class TopicSubscription(Table):
    """The last choice of a lower-case address. It belongs to the address, as a suppression does: it outlives the contact."""

    __tablename__ = "topic_subscriptions"
    __table_args__ = (Index("ix_topic_subscriptions_account", "account_id", "address"), {"sqlite_with_rowid": False})

    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(ORDERED, primary_key=True)
    account_id: Mapped[str]
    is_subscribed: Mapped[bool]
    source: Mapped[str]  # api, link, mail; extensible
    at: Mapped[int]
