"""The database refuses unknown states, priorities and streams, and invalid transitions of states."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

STATES = "state IN ('pending', 'leased', 'deferred', 'delivered', 'bounced', 'suppressed', 'captured', 'cancelled', 'ambiguous')"
ALLOWED = (
    *("pending>leased", "pending>cancelled", "pending>bounced"),
    *(
        "leased>pending",
        "leased>deferred",
        "leased>delivered",
        "leased>bounced",
        "leased>suppressed",
        "leased>captured",
        "leased>ambiguous",
    ),
    *("deferred>leased", "deferred>cancelled", "deferred>bounced"),
    *("delivered>bounced",),
    *("ambiguous>bounced", "ambiguous>deferred"),
    *("captured>pending", "captured>deferred", "captured>bounced"),
)
FORBIDDEN = f"old.state <> new.state AND old.state || '>' || new.state NOT IN ({', '.join(repr(pair) for pair in ALLOWED)})"
TRIGGER = "CREATE TRIGGER recipients_state BEFORE UPDATE OF state ON recipients FOR EACH ROW WHEN"
FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_recipient_state() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'the state % of a recipient does not follow %', new.state, old.state USING ERRCODE = 'check_violation'; END $$"
)


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("messages") as batch:
        batch.create_check_constraint("stream", "stream IN ('transactional', 'marketing')")
    with op.batch_alter_table("recipients") as batch:
        batch.create_check_constraint("state", STATES)
        batch.create_check_constraint("priority", "priority IN (0, 1)")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{TRIGGER} {FORBIDDEN} BEGIN SELECT RAISE(ABORT, 'this state of a recipient does not follow the one before'); END")
        return
    op.get_bind().exec_driver_sql(FUNCTION.replace("%", "%%"))
    op.execute(f"{TRIGGER} ({FORBIDDEN}) EXECUTE FUNCTION refuse_recipient_state()")
