"""All tables. Times (`*_at`) are milliseconds since 1970 in UTC, ids are the API's own strings, `*_json` columns hold encoded JSON.

Rows that belong to a tenant carry `account_id`; `Context.own` is the one place that filters by it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named constraints, so that a migration on either database can speak of them.
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

ROW_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only a plain INTEGER


class Table(DeclarativeBase):
    """The declarative base; a Python `int` is a 64-bit column, a `str` has no length limit (the contract sets the limits)."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {int: BigInteger, str: Text, bytes: LargeBinary}  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute


class Account(Table):
    """A tenant. `senders` is `any` (the operator's own account) or `verified`."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    plan: Mapped[str]
    senders: Mapped[str]
    created_at: Mapped[int]


class Key(Table):
    """An API key. Only the SHA-256 of the secret is stored; `key_prefix` is what lists may show."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    key_prefix: Mapped[str]
    scopes: Mapped[str]  # separated by commas
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    revoked_at: Mapped[int | None]
    last_used_at: Mapped[int | None]


class Session(Table):
    """A signed-in browser. The cookie's SHA-256 is stored."""

    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]


class Sender(Table):
    """An address (`ada@example.com`) or a whole domain (`@example.com`), in lower case, that an account may send from."""

    __tablename__ = "senders"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[int]


class Template(Table):
    """A reusable mail with merge tags."""

    __tablename__ = "templates"
    __table_args__ = (Index("ix_templates_account_created", "account_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    subject: Mapped[str]
    body_html: Mapped[str]
    body_text: Mapped[str | None]
    category: Mapped[str | None]
    created_at: Mapped[int]
    updated_at: Mapped[int]


class Message(Table):
    """One accepted send with everything its mail is made of, already rendered. Its recipients are the ledger."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_account_created", "account_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    key_id: Mapped[str | None]
    stream: Mapped[str]  # transactional or marketing
    is_sandbox: Mapped[bool]
    from_email: Mapped[str]
    from_name: Mapped[str | None]
    reply_to_json: Mapped[str | None]  # {"email", "name"?}
    to_json: Mapped[str]  # [{"email", "name"?}] as they stand in the To header
    cc_json: Mapped[str]
    subject: Mapped[str]
    body_html: Mapped[str | None]
    body_text: Mapped[str | None]
    headers_json: Mapped[str]  # {name: value} asked for by the sender
    tags_json: Mapped[str]
    metadata_json: Mapped[str]
    template_id: Mapped[str | None]
    source_app: Mapped[str | None]
    scheduled_at: Mapped[int | None]
    created_at: Mapped[int]


class Attachment(Table):
    """A file of a message. `content_id` makes it inline (RFC 2392)."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    filename: Mapped[str]
    content_type: Mapped[str]
    content_id: Mapped[str | None]
    content: Mapped[bytes]


class Recipient(Table):
    """One row per message and envelope recipient: the ledger and the queue at once. UNIQUE is the guard against duplicates.

    `state`: pending -> leased -> delivered | deferred (due again at `due_at`) | bounced | suppressed | captured | cancelled.
    A lease is `lease_owner` and `lease_until`; a row whose lease ran out is due again.
    `priority` 0 is transactional, 1 marketing: smaller goes first.
    """

    __tablename__ = "recipients"
    __table_args__ = (
        UniqueConstraint("message_id", "address"),
        Index("ix_recipients_due", "state", "priority", "due_at"),
        Index("ix_recipients_lease", "state", "lease_until"),
    )

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    address: Mapped[str]  # the local part as given, the domain in lower case
    kind: Mapped[str]  # to, cc or bcc
    state: Mapped[str]
    priority: Mapped[int]
    attempt_count: Mapped[int]
    due_at: Mapped[int]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[int | None]
    finished_at: Mapped[int | None]


class Event(Table):
    """What happened to a message, append-only. `recipient` is None where it concerns the whole message."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    account_id: Mapped[str]
    recipient: Mapped[str | None]
    type: Mapped[str]  # delivered, deferred, bounced, captured, suppressed
    reply_code: Mapped[int | None]  # the receiver's SMTP reply
    reply_text: Mapped[str | None]
    at: Mapped[int]


class Capture(Table):
    """A message that lies in the sandbox inbox. Clearing the inbox removes this row, never the message."""

    __tablename__ = "captures"
    __table_args__ = (Index("ix_captures_account_created", "account_id", "created_at"),)

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    account_id: Mapped[str]
    created_at: Mapped[int]


class Suppression(Table):
    """An address, in lower case, that an account must not mail. `reason`: bounced, complained, unsubscribed or manual."""

    __tablename__ = "suppressions"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    created_at: Mapped[int]


class Usage(Table):
    """How much of a counted allowance an account used in a period (`2026-11`). Unlimited plans spread over `slot`s, others use slot 0."""

    __tablename__ = "usage"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    feature: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    used: Mapped[int]


class Idempotency(Table):
    """The answer to the first call with an idempotency key, written in that call's own transaction and kept seven days."""

    __tablename__ = "idempotency"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]  # SHA-256 of the operation and its body
    status: Mapped[int]
    answer: Mapped[bytes]
    created_at: Mapped[int] = mapped_column(index=True)
