"""Usage counters, and stored responses of idempotent calls."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Table


class Usage(Table):
    """The used part of a counted allowance in a period (`2026-11`). Unlimited plans are spread over `slot`s; others use slot 0."""

    __tablename__ = "usage"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    feature: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    used: Mapped[int]


class Idempotency(Table):
    """The response to the first call with an idempotency key, written in that call's transaction and stored for seven days.

    While `status` is 0 the key is claimed until `lease_until`, and `answer` is the progress of its call, from which a repeat continues.
    """

    __tablename__ = "idempotency"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]  # SHA-256 of the operation and its content
    status: Mapped[int]
    answer: Mapped[bytes]
    created_at: Mapped[int] = mapped_column(index=True)
    lease_until: Mapped[int | None]  # of a claim
