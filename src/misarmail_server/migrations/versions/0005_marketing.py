"""Campaigns, automations, A/B tests and other channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TOTALS = ("recipients", "sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "campaigns",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("from_email", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("segment_id", sa.Text(), nullable=True),
        sa.Column("template_id", sa.Text(), nullable=True),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        *(sa.Column(f"total_{total}", sa.BigInteger(), nullable=False) for total in TOTALS),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_campaigns_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index("ix_campaigns_account_created", "campaigns", ["account_id", "created_at"])
    op.create_index("ix_campaigns_account_status", "campaigns", ["account_id", "status", "created_at"])
    op.create_index("ix_campaigns_due", "campaigns", ["status", "scheduled_at"])
    _automations()
    _ab_tests()
    _channels()


def _automations() -> None:
    op.create_table(
        "automations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trigger_type", sa.Text(), nullable=False),
        sa.Column("trigger_config_json", sa.Text(), nullable=False),
        sa.Column("exit_on_json", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("step_count", sa.BigInteger(), nullable=False),
        sa.Column("enrolled", sa.BigInteger(), nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_automations_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automations")),
    )
    op.create_index("ix_automations_account_created", "automations", ["account_id", "created_at"])
    op.create_index("ix_automations_account_trigger", "automations", ["account_id", "status", "trigger_type"])
    op.create_table(
        "automation_steps",
        sa.Column("automation_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("config_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["automation_id"], ["automations.id"], name=op.f("fk_automation_steps_automation_id")),
        sa.PrimaryKeyConstraint("automation_id", "version", "position", name=op.f("pk_automation_steps")),
    )
    op.create_table(
        "enrollments",
        sa.Column("automation_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("exit_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_enrollments_account_id")),
        sa.ForeignKeyConstraint(["automation_id"], ["automations.id"], name=op.f("fk_enrollments_automation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollments")),
    )
    op.create_index("ix_enrollments_automation", "enrollments", ["automation_id", "enrolled_at"])
    op.create_index("ix_enrollments_due", "enrollments", ["status", "due_at"])
    op.create_index("ix_enrollments_contact", "enrollments", ["account_id", "contact_id"])


def _ab_tests() -> None:
    op.create_table(
        "ab_tests",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("test_size_percent", sa.Double(), nullable=False),
        sa.Column("auto_send_winner", sa.Boolean(), nullable=False),
        sa.Column("auto_send_after_hours", sa.Double(), nullable=False),
        sa.Column("variant_count", sa.BigInteger(), nullable=False),
        sa.Column("winner_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ab_tests_account_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_ab_tests_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_tests")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_ab_tests_campaign_id")),
    )
    op.create_index("ix_ab_tests_account_created", "ab_tests", ["account_id", "created_at"])
    op.create_table(
        "variants",
        sa.Column("ab_test_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=True),
        sa.Column("from_name", sa.Text(), nullable=True),
        *(sa.Column(f"{name}_count", sa.BigInteger(), nullable=False) for name in ("send", "open", "click", "reply")),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_variants_account_id")),
        sa.ForeignKeyConstraint(["ab_test_id"], ["ab_tests.id"], name=op.f("fk_variants_ab_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("ab_test_id", "position", name=op.f("uq_variants_ab_test_id")),
    )


def _channels() -> None:
    op.create_table(
        "channel_messages",
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("asked_json", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcomes_json", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_channel_messages_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_messages")),
    )
    op.create_index("ix_channel_messages_account_created", "channel_messages", ["account_id", "created_at"])
