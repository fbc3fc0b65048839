"""Domains and their keys, aliases, inbound domains, cached DNS results, and dedicated IP addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "domains",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dkim_status", sa.Text(), nullable=False),
        sa.Column("spf_status", sa.Text(), nullable=False),
        sa.Column("dmarc_status", sa.Text(), nullable=False),
        sa.Column("mx_status", sa.Text(), nullable=False),
        sa.Column("return_path_status", sa.Text(), nullable=False),
        sa.Column("proof_status", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_domains_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domains")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_domains_account_id")),
    )
    op.create_index("ix_domains_account_created", "domains", ["account_id", "created_at"])
    op.create_table(
        "verified_domains",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], name=op.f("fk_verified_domains_domain_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_verified_domains")),
        sa.UniqueConstraint("domain_id", name=op.f("uq_verified_domains_domain_id")),
    )
    op.create_table(
        "dkim_keys",
        sa.Column("domain_id", sa.Text(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("record_status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], name=op.f("fk_dkim_keys_domain_id")),
        sa.PrimaryKeyConstraint("domain_id", "selector", name=op.f("pk_dkim_keys")),
    )
    op.create_table(
        "aliases",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("ip_pool", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_aliases_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aliases")),
        sa.UniqueConstraint("account_id", "email", name=op.f("uq_aliases_account_id")),
    )
    op.create_index("ix_aliases_account_created", "aliases", ["account_id", "created_at"])
    is_default = sa.text("is_default")
    op.create_index("uq_aliases_default", "aliases", ["account_id"], unique=True, sqlite_where=is_default, postgresql_where=is_default)
    op.add_column("messages", sa.Column("alias_id", sa.Text(), nullable=True))
    op.create_table(
        "inbound_domains",
        sa.Column("subdomain", sa.Text(), nullable=False),
        sa.Column("webhook_url", sa.Text(), nullable=False),
        sa.Column("webhook_secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_inbound_domains_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_domains")),
        sa.UniqueConstraint("subdomain", name=op.f("uq_inbound_domains_subdomain")),
    )
    op.create_index("ix_inbound_domains_account_created", "inbound_domains", ["account_id", "created_at"])
    op.create_table(
        "mail_hosts",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("takes_mail", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_mail_hosts")),
    )
    op.create_index(op.f("ix_mail_hosts_checked_at"), "mail_hosts", ["checked_at"])
    op.create_table(
        "ip_addresses",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("rdns", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_ip_addresses")),
    )
    op.create_table(
        "dedicated_ips",
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("rdns", sa.Text(), nullable=True),
        sa.Column("warmup_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("provisioned_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_dedicated_ips_account_id")),
        sa.ForeignKeyConstraint(["address"], ["ip_addresses.address"], name=op.f("fk_dedicated_ips_address")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dedicated_ips")),
        sa.UniqueConstraint("address", name=op.f("uq_dedicated_ips_address")),
    )
    op.create_index("ix_dedicated_ips_account_created", "dedicated_ips", ["account_id", "created_at"])
