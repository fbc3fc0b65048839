"""Messages, their recipients (both the ledger and the queue) and their events."""

from __future__ import annotations

from sqlalchemy import DDL, CheckConstraint, ColumnElement, ForeignKey, Index, Text, UniqueConstraint, cast, event, literal, text, true
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_contract.models import SuppressionReason, SuppressionScope
from misarmail_server.rows import recipient_states
from misarmail_server.rows.recipient_states import RecipientState, Stream
from misarmail_server.rows.table import ROW_ID, EnumText, Owned, Table


class Message(Owned):
    """An accepted send with all content of its mail, already rendered. Its recipients are the ledger."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_account_created", "account_id", "created_at"),
        CheckConstraint(recipient_states.IS_STREAM, name="stream"),
        Index("ix_messages_content", "created_at", sqlite_where=text("has_content"), postgresql_where=text("has_content")),
    )

    key_id: Mapped[str | None]
    stream: Mapped[Stream] = mapped_column(Text)
    is_sandbox: Mapped[bool]
    is_platform_mail: Mapped[bool | None]  # such as a password reset, which an unsubscription does not bar
    delivery_method: Mapped[str | None]  # DeliveryMethod.kind when it was accepted; None if accepted by a version that did not record it
    from_email: Mapped[str]
    from_name: Mapped[str | None]
    reply_to_json: Mapped[str | None]  # {"email", "name"?}
    to_json: Mapped[str]  # [{"email", "name"?}] as in the To header
    cc_json: Mapped[str]
    subject: Mapped[str]
    body_html: Mapped[str | None]
    body_text: Mapped[str | None]
    headers_json: Mapped[str]  # {name: value} from the request
    tags_json: Mapped[str]
    metadata_json: Mapped[str]
    template_id: Mapped[str | None]
    topic_id: Mapped[str | None]  # of marketing mail; kept if the topic is deleted, and nobody receives it then
    campaign_id: Mapped[str | None]  # if set, subject and bodies keep their merge tags, which are filled per recipient
    alias_id: Mapped[str | None]  # decides the pool of IP addresses
    source_app: Mapped[str | None]
    scheduled_at: Mapped[int | None]
    created_at: Mapped[int]
    has_content: Mapped[bool] = mapped_column(server_default=true())  # False once subject, bodies and files were deleted


class MessageLink(Table):
    """The target of a tracked link. Found once, when a message is accepted, so that the numbers in sent mail never change their meaning."""

    __tablename__ = "message_links"
    __table_args__ = ({"sqlite_with_rowid": False},)

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[str]


class OriginalBody(Table):
    """The MIME body of a message that is sent as it was submitted, because its bytes are signed or encrypted (RFC 1847)."""

    __tablename__ = "original_bodies"

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    content_type: Mapped[str]  # the value of the header field, on one line
    transfer_encoding: Mapped[str]
    content: Mapped[bytes]


class Attachment(Table):
    """A file of a message. `content_id` makes it an inline part (RFC 2392)."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    filename: Mapped[str]
    content_type: Mapped[str]
    content_id: Mapped[str | None]
    content: Mapped[bytes]


class Recipient(Table):
    """One row per message and envelope recipient: both the ledger and the queue. UNIQUE prevents duplicate mail.

    States, their transitions and priorities are in `recipient_states`. `lane` is the queue lane, see delivery/queue/lanes.py.
    A lease is `lease_owner` and `lease_until`; a row with an expired lease is due again.
    """

    __tablename__ = "recipients"
    __table_args__ = (
        UniqueConstraint("message_id", "address"),
        Index("ix_recipients_due", "state", "priority", "lane", "due_at"),
        Index("ix_recipients_lease", "state", "lease_until"),
        CheckConstraint(recipient_states.IS_STATE, name="state"),
        CheckConstraint(recipient_states.IS_PRIORITY, name="priority"),
    )

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    address: Mapped[str]  # the local part unchanged, the domain in lower case
    kind: Mapped[str]  # to, cc or bcc
    state: Mapped[RecipientState] = mapped_column(EnumText(RecipientState))
    priority: Mapped[int]
    lane: Mapped[str]
    attempt_count: Mapped[int]
    due_at: Mapped[int]
    contact_id: Mapped[str | None]
    values_json: Mapped[str | None]  # the values of a campaign's merge tags
    lease_owner: Mapped[str | None]
    lease_until: Mapped[int | None]
    finished_at: Mapped[int | None]

    @classmethod
    def erased_address(cls) -> ColumnElement[str]:
        """The address of a row whose person was erased: a reserved name (RFC 2606), different for each row."""
        return literal("erased-").concat(cast(cls.id, Text)).concat("@erased.invalid")


for _database, _statements in recipient_states.TRIGGERS.items():
    for _statement in _statements:
        _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
        event.listen(Recipient.__table__, "after_create", _ddl.execute_if(dialect=_database))


class QueueHold(Table):
    """A lane or account whose mail is held; "" holds everything."""

    __tablename__ = "queue_holds"

    lane: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[int]


class Event(Table):
    """An event of a message. Append-only, except that clicks may be reclassified as a bot's. `recipient` is None if it concerns all."""

    __tablename__ = "events"
    # Addresses are looked up in lower case; the local part is stored unchanged.
    __table_args__ = (Index("ix_events_account_recipient", "account_id", text("lower(recipient)"), "at"),)

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    account_id: Mapped[str]
    recipient: Mapped[str | None]
    type: Mapped[str]  # delivered, deferred, bounced, captured, suppressed, ambiguous, opened, clicked, unsubscribed, complained
    kind: Mapped[str | None]  # how analytics count it, see events/record.py
    campaign_id: Mapped[str | None]
    url: Mapped[str | None]  # of a click
    reply_code: Mapped[int | None]  # the receiver's SMTP reply
    reply_text: Mapped[str | None]  # or why an open or click is attributed to a bot
    user_agent: Mapped[str | None]  # of an open, a click or an unsubscribe
    ip_address: Mapped[str | None]
    topic_id: Mapped[str | None]  # that an unsubscription left; None for all marketing mail
    at: Mapped[int]


class FirstResponse(Table):
    """When a recipient first opened a message (`what` is -1), followed any link (-2), or followed the link with that number.

    Unique counts are derived from these rows; bots have none.
    """

    __tablename__ = "first_responses"
    __table_args__ = ({"sqlite_with_rowid": False},)

    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    response: Mapped[int] = mapped_column("what", primary_key=True, autoincrement=False)
    at: Mapped[int]


class EventCount(Table):
    """The number of events of a kind in an hour or a day: of a campaign, or of the whole account if `campaign_id` is empty."""

    __tablename__ = "event_counts"

    account_id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(primary_key=True)  # hour or day, in UTC
    began_at: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]


class LinkCount(Table):
    """The number of clicks by humans on a link of a campaign. `url_hash` is the SHA-256 of the URL, which may be too long for an index."""

    __tablename__ = "link_counts"

    campaign_id: Mapped[str] = mapped_column(primary_key=True)
    url_hash: Mapped[bytes] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[str]
    url: Mapped[str]
    clicks: Mapped[int]
    unique_clicks: Mapped[int]


class Capture(Table):
    """A message in the sandbox inbox. A background task frees expired and deleted ones, with their messages (`retention`)."""

    __tablename__ = "captures"
    __table_args__ = (Index("ix_captures_account_created", "account_id", "created_at"), Index("ix_captures_created", "created_at"))

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    account_id: Mapped[str]
    created_at: Mapped[int]  # 0 once it was deleted
    size: Mapped[int] = mapped_column(server_default=text("0"))  # bytes that count towards the account's limit


class ContentDeletion(Table):
    """A message whose content and links are deleted once it has no open recipients."""

    __tablename__ = "content_deletions"

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)


class SandboxSpace(Table):
    """The bytes of an account's captured mail."""

    __tablename__ = "sandbox_space"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    used: Mapped[int]


class Suppression(Table):
    """A lower-case address, or `*@DOMAIN`, that an account must not mail, with a row for each reason. See events/suppress.py.

    `scope`: `all` mail or `marketing` mail. Only a `manual` one expires.
    """

    __tablename__ = "suppressions"
    __table_args__ = (
        CheckConstraint("reason IN ('bounced', 'complained', 'unsubscribed', 'manual')", name="reason"),
        CheckConstraint("scope = CASE reason WHEN 'unsubscribed' THEN 'marketing' WHEN 'manual' THEN scope ELSE 'all' END", name="scope"),
        CheckConstraint("scope IN ('all', 'marketing')", name="scope_word"),
        CheckConstraint("expires_at IS NULL OR reason = 'manual'", name="expires_at"),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[SuppressionReason] = mapped_column(Text, primary_key=True)
    scope: Mapped[SuppressionScope] = mapped_column(Text)
    expires_at: Mapped[int | None]
    created_at: Mapped[int]
