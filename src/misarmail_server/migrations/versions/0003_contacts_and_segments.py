"""Contacts, their tags and their history; segments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from misarmail_server.rows.contacts import ORDERED
from misarmail_server.rows.table import ROW_ID

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("email", ORDERED, nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("first_key", ORDERED, nullable=True),
        sa.Column("last_key", ORDERED, nullable=True),
        sa.Column("company_key", ORDERED, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("custom_json", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_contacts_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index("uq_contacts_account_email", "contacts", ["account_id", "email"], unique=True)
    op.create_index("ix_contacts_account_created", "contacts", ["account_id", "created_at", "id"])
    op.create_index("ix_contacts_account_status", "contacts", ["account_id", "status", "created_at", "id"])
    op.create_index("ix_contacts_account_first", "contacts", ["account_id", "first_key"])
    op.create_index("ix_contacts_account_last", "contacts", ["account_id", "last_key"])
    op.create_index("ix_contacts_account_company", "contacts", ["account_id", "company_key"])
    op.create_table(
        "contact_tags",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("tag_key", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_contact_tags_contact_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "tag_key", name=op.f("pk_contact_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_contact_tags_account", "contact_tags", ["account_id", "tag_key", "contact_id"])
    op.create_table(
        "contact_counts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_contact_counts_account_id")),
        sa.PrimaryKeyConstraint("account_id", "status", name=op.f("pk_contact_counts")),
    )
    op.create_table(
        "contact_fields",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_contact_fields_account_id")),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_contact_fields")),
    )
    op.create_table(
        "contact_events",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data_json", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_contact_events_contact_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_events")),
    )
    op.create_index("ix_contact_events_contact", "contact_events", ["contact_id", "id"])
    op.create_index("ix_events_account_recipient", "events", ["account_id", "recipient"])
    op.create_table(
        "segments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("segment_type", sa.Text(), nullable=False),
        sa.Column("criteria_json", sa.Text(), nullable=True),
        sa.Column("contact_count", sa.BigInteger(), nullable=False),
        sa.Column("last_calculated_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_segments_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
    )
    op.create_index("ix_segments_account_created", "segments", ["account_id", "created_at"])
    op.create_table(
        "segment_members",
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_segment_members_contact_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["segment_id"], ["segments.id"], name=op.f("fk_segment_members_segment_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("segment_id", "contact_id", name=op.f("pk_segment_members")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_segment_members_contact_id", "segment_members", ["contact_id"])
