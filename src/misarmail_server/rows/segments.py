"""Segments of contacts."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

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
