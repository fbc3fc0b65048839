"""The secrets of inbound domains are sealed: existing ones at the next start, which has the key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("inbound_domains", sa.Column("webhook_secret_sealed", sa.LargeBinary(), nullable=True))
    domains = sa.table(
        "inbound_domains", sa.column("id"), sa.column("webhook_secret"), sa.column("webhook_secret_sealed", sa.LargeBinary())
    )
    connection = op.get_bind()
    for id_, secret in connection.execute(sa.select(domains.c.id, domains.c.webhook_secret)).all():
        sealed = b"plain:" + secret.encode()
        connection.execute(sa.update(domains).where(domains.c.id == id_).values(webhook_secret_sealed=sealed))
    with op.batch_alter_table("inbound_domains") as batch:
        batch.alter_column("webhook_secret_sealed", existing_type=sa.LargeBinary(), nullable=False)
        batch.drop_column("webhook_secret")
