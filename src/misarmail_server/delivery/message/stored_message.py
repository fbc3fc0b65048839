"""A message as stored: read from its rows, the same for all its recipients. Bcc is never written into a mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message.headers import MailAddress
from misarmail_server.delivery.message.mime import AttachedFile, OriginalBody
from misarmail_server.rows.recipient_states import Stream

_addresses = msgspec.json.Decoder(tuple[MailAddress, ...])
_address = msgspec.json.Decoder(MailAddress)
_fields = msgspec.json.Decoder(dict[str, str])


class MailTopic(NamedTuple):
    """The topic of a message."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """Everything that a row of `messages` and its attachments say.

    `original` is the MIME body of a mail that is sent as it was submitted; its texts are for display only.
    `links` are the targets of its tracked links by number. `written_at` is in milliseconds.
    `pool` names the account's IP addresses it leaves from, empty for those of the stream.
    Of a campaign, subject and bodies are templates; of any other message they are texts.
    """

    id: str
    sender: MailAddress
    to: tuple[MailAddress, ...]
    subject: str
    written_at: int
    cc: tuple[MailAddress, ...] = ()
    reply_to: MailAddress | None = None
    html: str | None = None
    text: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[AttachedFile, ...] = ()
    account_id: str = ""
    stream: Stream = "transactional"
    pool: str = ""
    campaign_id: str | None = None
    template_id: str | None = None
    links: tuple[str, ...] = ()
    original: OriginalBody | None = None
    topic: MailTopic | None = None

    @property
    def sender_domain(self) -> str:
        """The domain that signs, and that Message-IDs end with. Raises Unsendable."""
        return wire.wire_address(self.sender.email, "sender").rpartition("@")[2]

    @property
    def header_id(self) -> str:
        """Its Message-ID (RFC 5322, section 3.6.4), the same on every attempt. Raises Unsendable."""
        return f"<{self.id}@{self.sender_domain}>"

    @property
    def list_id(self) -> str | None:
        """The value of List-Id (RFC 2919): the topic's name, and its ID under the sender's domain. Raises Unsendable."""
        if self.topic is None:
            return None
        phrase = self.topic.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{phrase}" <{self.topic.id}.{self.sender_domain}>'

    @property
    def feedback_id(self) -> str:
        """The id by which receivers count the mail, at most three parts."""
        if self.campaign_id is not None:
            return f"{self.campaign_id}:{self.account_id}:campaign"
        return f"{self.template_id or 'send'}:{self.account_id}:marketing"


class StoredParts(NamedTuple):
    """The rows that belong to a message: its attachments, the targets of its links, its original body, and its topic."""

    files: Sequence[Any] = ()
    links: tuple[str, ...] = ()
    original: OriginalBody | None = None
    topic: MailTopic | None = None


NO_PARTS = StoredParts()


def from_rows(message: Any, parts: StoredParts = NO_PARTS, pool: str | None = None) -> StoredMessage:
    """The message of a row of `messages` and its parts; `pool` is its alias's."""
    return StoredMessage(
        id=message.id,
        sender=MailAddress(message.from_email, message.from_name),
        to=_addresses.decode(message.to_json),
        cc=_addresses.decode(message.cc_json),
        reply_to=_address.decode(message.reply_to_json) if message.reply_to_json else None,
        subject=message.subject,
        html=message.body_html,
        text=message.body_text,
        fields=tuple(_fields.decode(message.headers_json).items()),
        files=tuple(AttachedFile(row.filename, row.content_type, row.content, row.content_id) for row in parts.files),
        written_at=max(message.created_at, message.scheduled_at or 0),
        account_id=message.account_id,
        stream=message.stream,
        pool=pool or message.stream,
        campaign_id=message.campaign_id,
        template_id=message.template_id,
        links=parts.links,
        original=parts.original,
        topic=parts.topic,
    )
