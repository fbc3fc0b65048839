"""Segments of contacts, and the behavior that their rules read."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.contacts import ORDERED
from misarmail_server.rows.table import Owned, Table


class Segment(Owned):
    """A group of contacts, by rules (`segment_type` dynamic, `criteria_json`) or by list (static, `SegmentMember`)."""

    __tablename__ = "segments"
    __table_args__ = (Index("ix_segments_account_created", "account_id", "created_at"),)

    name: Mapped[str]
    description: Mapped[str | None]
    segment_type: Mapped[str]
    criteria_json: Mapped[str | None]
    contact_count: Mapped[int]
    last_calculated_at: Mapped[int]
    created_at: Mapped[int]
    updated_at: Mapped[int]


class SegmentMember(Table):
    """A contact in a static segment."""

    __tablename__ = "segment_members"
    __table_args__ = ({"sqlite_with_rowid": False},)

    segment_id: Mapped[str] = mapped_column(ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True)


class Behavior(Table):
    """How often something happened to a lower-case address, and when at first and last. See `events/behaviors.py`."""

    __tablename__ = "behaviors"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # sent, delivered, opened, clicked, bounced, purchased, or event:NAME
    address: Mapped[str] = mapped_column(ORDERED, primary_key=True)
    count: Mapped[int]
    first_at: Mapped[int]
    last_at: Mapped[int]
