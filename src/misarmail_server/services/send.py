"""Accepting mail: validates a request step by step and stores its rows, all in the unit of work of the response."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context, Principal, at, moment
from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts
from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message import marketing, stored_parts
from misarmail_server.delivery.message import stored_message as stored
from misarmail_server.delivery.message.mime import OriginalBody
from misarmail_server.delivery.queue import backlog
from misarmail_server.delivery.worker import relay_state
from misarmail_server.errors import Forbidden, Invalid
from misarmail_server.events.barred import Bar, MailClass
from misarmail_server.rows.recipient_states import PRIORITIES, RecipientState, Stream
from misarmail_server.services import aliases, plans, sandbox_simulator, sandbox_space, senders, suppressions, templates, topics
from misarmail_server.setting_types import relays

ATTACHMENTS_LIMIT = 10_000_000  # bytes of all files of a mail
SENDING_SCOPES = frozenset({"send", "send:transactional", "send:marketing"})
QUEUED_SENTENCE = "The relay is unreachable; the mail is queued and will be retried"
INSERT_MESSAGE = inserts(
    tables.Message,
    *("id", "account_id", "key_id", "stream", "is_sandbox", "from_email", "from_name", "reply_to_json", "to_json", "cc_json", "subject"),
    *("body_html", "body_text", "headers_json", "tags_json", "metadata_json", "template_id", "alias_id", "source_app", "topic_id"),
    *("scheduled_at", "created_at", "is_platform_mail", "delivery_method"),
)
INSERT_RECIPIENT = inserts(
    tables.Recipient, "message_id", "account_id", "address", "kind", "state", "priority", "lane", "attempt_count", "due_at", "finished_at"
)
INSERT_ATTACHMENT = inserts(tables.Attachment, "message_id", "filename", "content_type", "content_id", "content")
INSERT_EVENT = inserts(tables.Event, "message_id", "account_id", "recipient", "type", "at")
INSERT_CAPTURE = inserts(tables.Capture, "message_id", "account_id", "created_at", "size")
json_text = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Draft:
    """A requested mail. `is_sandbox` means that it is captured; `original` is a MIME body to be sent as it is.

    `is_platform_mail`: only a hard bounce bars it, see `services/system_mail.py`.
    """

    body: models.EmailSend
    is_sandbox: bool
    source_app: str | None = None
    original: OriginalBody | None = None
    is_platform_mail: bool = False


@dataclass(frozen=True, slots=True)
class RenderedContent:
    """The content of a mail with its merge tags filled."""

    subject: str
    html: str | None
    text: str | None


def is_captured(principal: Principal, *, is_sandbox_requested: bool) -> bool:
    """Whether a caller's mail goes to the sandbox inbox: by request, or because its key may not send."""
    return is_sandbox_requested or (principal.scopes is not None and not principal.scopes & SENDING_SCOPES)


def accept(ctx: Context, draft: Draft) -> models.EmailSendResponse | models.EmailQueuedResponse:
    """Store a mail, queued or captured. Raises Forbidden("scope_missing"), and as `_store`."""
    _require_stream(ctx, draft.body.stream, is_sandbox=draft.is_sandbox)
    message_id, suppressed = _store(ctx, draft)
    if not draft.is_sandbox and relay_state.is_down(ctx.settings):
        return models.EmailQueuedResponse(message=QUEUED_SENTENCE, message_id=message_id, suppressed=suppressed or UNSET)
    return _accepted(ctx, message_id, suppressed, draft.body.stream, is_sandbox=draft.is_sandbox)


def capture(ctx: Context, body: models.EmailSend) -> models.EmailSendResponse:
    """Store a mail in the sandbox inbox. Raises as `_store`."""
    message_id, suppressed = _store(ctx, Draft(body, is_sandbox=True))
    return _accepted(ctx, message_id, suppressed, body.stream, is_sandbox=True)


def queue(ctx: Context, body: models.EmailSend) -> str:
    """Store a mail of another operation, which has checked its scope; returns the message id. Raises as `_store`."""
    return _store(ctx, Draft(body, is_sandbox=False))[0]


def _store(ctx: Context, draft: Draft) -> tuple[str, list[models.SuppressedRecipient]]:
    """The steps of acceptance; (message id, suppressed recipients).

    Raises Forbidden("sender_not_verified"), NotFound for an unknown alias, template or message, Invalid for content that is too large,
    Unprocessable("recipients_suppressed"), Unavailable("queue_full") if the queue is full, TooMany("plan_limit_exceeded"),
    Forbidden("plan_limit_exceeded") if the sandbox is full.
    """
    body = draft.body
    senders.require(ctx, body.from_.email)
    if body.alias_id is not UNSET:
        aliases.require_address(ctx, body.alias_id, body.from_.email)
    _require_topic(ctx, body)
    content = _content(ctx, body)
    files = _files(body)
    kinds = _recipients(body)
    suppressed = _suppressed(ctx, draft, kinds)
    _admit(ctx, draft, len(kinds) - len(suppressed))
    message_id = _insert(ctx, draft, content, files)
    _insert_recipients(ctx, message_id, draft, kinds, suppressed=suppressed)
    if draft.is_sandbox:
        size = _size(draft, content, files, len(kinds))
        sandbox_space.take(ctx, size)
        capture = {"message_id": message_id, "account_id": ctx.account_id, "created_at": ctx.now(), "size": size}
        INSERT_CAPTURE.run(ctx.connection, capture)
        sandbox_simulator.simulate(ctx, message_id, kinds)
    return message_id, suppressions.to_recipients(suppressed)


def _size(draft: Draft, content: RenderedContent, files: list[tuple[models.Attachment, bytes]], recipient_count: int) -> int:
    """The bytes that a captured mail occupies, about."""
    texts = (content.subject, content.html or "", content.text or "", _json(_or(draft.body.metadata, {})))
    stored_bytes = [*(text.encode() for text in texts), *(file for _, file in files), draft.original.content if draft.original else b""]
    return sum(map(len, stored_bytes)) + sandbox_space.OVERHEAD * (1 + recipient_count)


def _admit(ctx: Context, draft: Draft, count: int) -> None:
    """Count sent mail against the plan and the queue; captured mail needs only a plan and disk space."""
    if draft.is_sandbox:
        backlog.require_disk(ctx.store, ctx.settings)
        plans.require_emails(ctx, count)
        return
    backlog.require_room(ctx.store, ctx.settings, count, is_marketing=draft.body.stream == "marketing")
    plans.spend_emails(ctx, count)
    backlog.add(ctx.store, ctx.settings, count)


def _require_stream(ctx: Context, stream: str, *, is_sandbox: bool) -> None:
    """`send:transactional` allows only transactional mail, `send:marketing` only marketing mail; captured mail is not sent."""
    scopes = ctx.principal.scopes
    if not is_sandbox and scopes is not None and not scopes & {"send", f"send:{stream}"}:
        raise Forbidden("scope_missing", f"This key lacks the send:{stream} scope")


def _require_topic(ctx: Context, body: models.EmailSend) -> None:
    """Refuse an unknown topic, and one of transactional mail, which nobody can unsubscribe from. Raises Invalid("topic_id")."""
    if body.topic_id is UNSET:
        return
    if body.stream != "marketing":
        raise Invalid("topic_id", 'Needs "stream": "marketing"')
    topics.require(ctx, body.topic_id)


def _content(ctx: Context, body: models.EmailSend) -> RenderedContent:
    if body.template_id is UNSET:
        return RenderedContent(_or(body.subject, ""), _or_none(body.html), _or_none(body.text))
    values = _or(body.variables, {})
    if body.stream == "marketing":  # filled at delivery, with a per-recipient unsubscribe link
        values = {"unsubscribe_url": marketing.UNSUBSCRIBE_URL, **values}
    rendered = templates.render(ctx, body.template_id, values, "variables")
    subject = rendered.subject if body.subject is UNSET else templates.render_subject(body.subject, values)
    return RenderedContent(subject, rendered.body_html, rendered.body_text)


def _files(body: models.EmailSend) -> list[tuple[models.Attachment, bytes]]:
    files = [(attachment, base64.b64decode(attachment.content)) for attachment in _or(body.attachments, [])]
    if sum(len(content) for _, content in files) > ATTACHMENTS_LIMIT:
        raise Invalid("attachments", f"Must have at most {ATTACHMENTS_LIMIT:,} bytes in total")
    return files


def _recipients(body: models.EmailSend) -> dict[str, str]:
    """Address -> its first kind; a repeated address gets one mail. Local parts keep their case, domains are lower-cased."""
    kinds: dict[str, str] = {}
    for kind, mailboxes in (("to", body.to), ("cc", _or(body.cc, [])), ("bcc", _or(body.bcc, []))):
        for mailbox in mailboxes:
            local, _, domain = mailbox.email.rpartition("@")
            kinds.setdefault(f"{local}@{domain.lower()}", kind)
    return kinds


def _suppressed(ctx: Context, draft: Draft, kinds: dict[str, str]) -> dict[str, Bar]:
    """Address -> what bars the mail, for suppressed recipients and those outside its topic. Raises Unprocessable if nobody remains."""
    mail = MailClass(draft.body.stream == "marketing", draft.is_platform_mail)
    bars = suppressions.among(ctx, kinds, mail)
    if draft.body.topic_id is not UNSET:
        bars = suppressions.outside(ctx, kinds, draft.body.topic_id) | bars
    if len(bars) == len(kinds):
        raise suppressions.all_suppressed(bars)
    return bars


def _insert(ctx: Context, draft: Draft, content: RenderedContent, files: list[tuple[models.Attachment, bytes]]) -> str:
    body = draft.body
    message_id = ctx.new_id("sb_msg" if draft.is_sandbox else "msg")
    row = {
        "id": message_id,
        "account_id": ctx.account_id,
        "key_id": ctx.principal.key_id,
        "stream": body.stream,
        "is_sandbox": draft.is_sandbox,
        "from_email": body.from_.email,
        "from_name": _or_none(body.from_.name),
        "reply_to_json": None if body.reply_to is UNSET else _json(body.reply_to),
        "to_json": _json(body.to),
        "cc_json": _json(_or(body.cc, [])),
        "subject": content.subject,
        "body_html": content.html,
        "body_text": content.text,
        "headers_json": _json(_headers(ctx, body)),
        "tags_json": _json(_or(body.tags, [])),
        "metadata_json": _json(_or(body.metadata, {})),
        "template_id": _or_none(body.template_id),
        "alias_id": _or_none(body.alias_id),
        "topic_id": _or_none(body.topic_id),
        "source_app": draft.source_app,
        "scheduled_at": None if body.scheduled_at is UNSET else moment("scheduled_at", body.scheduled_at),
        "created_at": ctx.now(),
        "is_platform_mail": draft.is_platform_mail,
        "delivery_method": _delivery_method(ctx, draft),
    }
    INSERT_MESSAGE.run(ctx.connection, row)
    if body.stream == "marketing":
        stored_parts.store_links(ctx.connection, message_id, marketing.links(content.html, is_template=False))
    if draft.original is not None:
        stored_parts.store_original(ctx.connection, message_id, draft.original)
    if files:
        INSERT_ATTACHMENT.run_many(ctx.connection, [_file_row(message_id, file, content) for file, content in files])
    return message_id


def _delivery_method(ctx: Context, draft: Draft) -> str:
    """How the mail will leave, whatever the settings of the process that delivers it."""
    return relays.CAPTURE if draft.is_sandbox else ctx.settings.delivery_methods[draft.body.stream].kind


def _headers(ctx: Context, body: models.EmailSend) -> dict[str, str]:
    """The request's header fields, and those that thread a reply (RFC 5322, section 3.6.4)."""
    fields = dict(_or(body.headers, {}))
    if body.in_reply_to is not UNSET:
        earlier = ctx.get(tables.Message, body.in_reply_to, "message")
        fields["In-Reply-To"] = fields["References"] = stored.from_rows(earlier).header_id
    for name, value in fields.items():
        try:
            wire.custom(name, value)
        except wire.Unsendable as error:
            raise Invalid("headers", str(error)) from None
    return fields


def _file_row(message_id: str, file: models.Attachment, content: bytes) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "filename": file.filename,
        "content_type": file.content_type,
        "content_id": _or_none(file.content_id),
        "content": content,
    }


def _insert_recipients(ctx: Context, message_id: str, draft: Draft, kinds: dict[str, str], *, suppressed: Collection[str]) -> None:
    accepted_at = ctx.now()
    due_at = accepted_at if draft.body.scheduled_at is UNSET else max(accepted_at, moment("scheduled_at", draft.body.scheduled_at))
    state = RecipientState.CAPTURED if draft.is_sandbox else RecipientState.PENDING
    rows = [
        {
            "message_id": message_id,
            "account_id": ctx.account_id,
            "address": address,
            "kind": kind,
            "state": RecipientState.SUPPRESSED if address in suppressed else state,
            "priority": PRIORITIES[draft.body.stream],
            "lane": ctx.account_id,
            "attempt_count": 0,
            "due_at": due_at,
            "finished_at": accepted_at if draft.is_sandbox or address in suppressed else None,
        }
        for address, kind in kinds.items()
    ]
    INSERT_RECIPIENT.run_many(ctx.connection, rows)
    finished = [_event(row, accepted_at) for row in rows if row["finished_at"] is not None and not _is_simulated(draft, row)]
    if finished:
        INSERT_EVENT.run_many(ctx.connection, finished)


def _is_simulated(draft: Draft, row: dict[str, Any]) -> bool:
    """Whether a sandbox recipient is not simply captured: `sandbox_simulator` records its events."""
    return draft.is_sandbox and row["state"] == RecipientState.CAPTURED and sandbox_simulator.is_fault(row["address"])


def _event(row: dict[str, Any], happened_at: int) -> dict[str, Any]:
    return {
        "message_id": row["message_id"],
        "account_id": row["account_id"],
        "recipient": row["address"],
        "type": row["state"],
        "at": happened_at,
    }


def _accepted(
    ctx: Context, message_id: str, suppressed: list[models.SuppressedRecipient], stream: Stream, *, is_sandbox: bool
) -> models.EmailSendResponse:
    return models.EmailSendResponse(
        message_id=message_id,
        provider="sandbox" if is_sandbox else _provider(ctx, stream),
        timestamp=at(ctx.now()),
        sandbox=is_sandbox or UNSET,
        suppressed=suppressed or UNSET,
    )


def _provider(ctx: Context, stream: Stream) -> Literal["capture", "smtp"]:
    """The answer's word for how the mail leaves; direct delivery is by SMTP too."""
    return "capture" if ctx.settings.delivery_methods[stream].kind == relays.CAPTURE else "smtp"


def _json(value: Any) -> str:
    return json_text(value).decode()


def _or(value: Any, default: Any) -> Any:
    return default if value is UNSET else value


def _or_none(value: Any) -> Any:
    return None if value is UNSET else value
