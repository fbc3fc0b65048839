"""A suppression has a scope, may expire, and exists once per reason; the status of a contact is the strongest reason of its address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

COLUMNS = ("account_id", "address", "email", "reason", "status")


def upgrade() -> None:
    """Apply the change. An unsubscription becomes one from marketing mail only."""
    op.execute("CREATE TABLE suppressions_before AS SELECT account_id, address, reason, created_at FROM suppressions")
    op.drop_table("suppressions")
    _create()
    op.execute(
        "INSERT INTO suppressions (account_id, address, reason, scope, created_at) SELECT account_id, address, reason, "
        "CASE reason WHEN 'unsubscribed' THEN 'marketing' ELSE 'all' END, created_at FROM suppressions_before"
    )
    op.drop_table("suppressions_before")
    _reconcile()


def _reconcile() -> None:
    """A status whose suppression was lifted, or never written, bars again; a suppression that a status contradicts decides."""
    op.execute(
        "INSERT INTO suppressions (account_id, address, reason, scope, created_at) SELECT account_id, email, status, "
        "CASE status WHEN 'unsubscribed' THEN 'marketing' ELSE 'all' END, updated_at FROM contacts "
        "WHERE status IN ('bounced', 'unsubscribed', 'complained') ON CONFLICT DO NOTHING"
    )
    weaker: tuple[str, ...] = ("subscribed",)
    for reason in ("bounced", "unsubscribed", "complained"):
        contacts, suppressions = sa.table("contacts", *map(sa.column, COLUMNS)), sa.table("suppressions", *map(sa.column, COLUMNS))
        of_contact = (suppressions.c.account_id == contacts.c.account_id, suppressions.c.address == contacts.c.email)
        is_suppressed = sa.exists().where(*of_contact, suppressions.c.reason == reason)
        op.execute(sa.update(contacts).where(contacts.c.status.in_(weaker), is_suppressed).values(status=reason))
        weaker = (*weaker, reason)
    op.execute("DELETE FROM contact_counts")
    op.execute(
        "INSERT INTO contact_counts (account_id, status, count) "
        "SELECT account_id, status, count(*) FROM contacts GROUP BY account_id, status"
    )


def _create() -> None:
    scopes = "scope = CASE reason WHEN 'unsubscribed' THEN 'marketing' WHEN 'manual' THEN scope ELSE 'all' END"
    reasons = "reason IN ('bounced', 'complained', 'unsubscribed', 'manual')"
    op.create_table(
        "suppressions",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(reasons, name=op.f("ck_suppressions_reason")),
        sa.CheckConstraint(scopes, name=op.f("ck_suppressions_scope")),
        sa.CheckConstraint("scope IN ('all', 'marketing')", name=op.f("ck_suppressions_scope_word")),
        sa.CheckConstraint("expires_at IS NULL OR reason = 'manual'", name=op.f("ck_suppressions_expires_at")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_suppressions_account_id")),
        sa.PrimaryKeyConstraint("account_id", "address", "reason", name=op.f("pk_suppressions")),
    )
