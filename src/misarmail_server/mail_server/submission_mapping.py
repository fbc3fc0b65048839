"""A mail submitted by SMTP, as the equivalent `POST /v1/send`. The contract's schemas decide which fields are used."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Any

from contract.runtime.validators import Validators
from misarmail_server.mail_server.original_body import original_body
from misarmail_server.received.bounces.reading import first_of
from misarmail_server.received.mailboxes import ReceivedMailbox
from misarmail_server.received.parsing import ReceivedAttachment, ReceivedMail, parse_mail
from misarmail_server.services.email_addresses import key, to_ascii

SendRequest = dict[str, Any]  # the body of `POST /v1/send`

PLATFORM_PREFIX = "x-misarmail-"  # header fields for this platform
SANDBOX = "x-misarmail-sandbox"
MESSAGE_IDS = re.compile(r"(?:<[!-;=?-~]{1,500}>\s{0,5}){1,50}")
MAX_FIELD_LENGTH = 900
NO_SUBJECT = "(no subject)"
MAX_FIELDS = 30


class SubmittedMail:
    """One mail and its envelope's recipients. `validators` are those of the contract.

    `original` is the body of a mail that must be sent as it is, None for other mail.
    """

    def __init__(self, content: bytes, recipients: Sequence[str], validators: Validators) -> None:
        """Raises Invalid for a mail that must be sent as it is and cannot."""
        self.original = original_body(content)
        self._mail = parse_mail(content)
        self._fields = first_of(self._mail.headers)
        self._recipients = list(dict.fromkeys(recipients))
        self._validators = validators

    @property
    def is_sandbox_requested(self) -> bool:
        """Whether the mail is to be captured."""
        return self._fields.get(SANDBOX, "").strip().lower() == "true"

    def threading_headers(self) -> dict[str, str]:
        """The fields that make it a reply (RFC 5322, section 3.6.4), as they were written."""
        given = {name: " ".join(self._fields.get(name.lower(), "").split()) for name in ("In-Reply-To", "References")}
        return {name: value for name, value in given.items() if len(value) <= MAX_FIELD_LENGTH and MESSAGE_IDS.fullmatch(value)}

    def send_requests(self) -> list[SendRequest]:
        """The equivalent requests: one mail to all, or if the header names none of the recipients, one mail to each.

        Mailboxes in the header that are not in the envelope get no mail, and are removed.
        """
        to, cc = self._named(self._mail.to), self._named(self._mail.cc)
        bcc = [{"email": address} for address in self._unnamed(to + cc)]
        if to or cc:
            return [self._common() | {"to": to or cc, "cc": cc if to else [], "bcc": bcc}]
        return [self._common() | {"to": [mailbox]} for mailbox in bcc]

    def _named(self, mailboxes: Sequence[ReceivedMailbox]) -> list[SendRequest]:
        """The mailboxes of a header that the envelope has too."""
        wanted = {key(recipient) for recipient in self._recipients}
        return [_mailbox(mailbox) for mailbox in mailboxes if key(mailbox.email) in wanted]

    def _unnamed(self, named: Sequence[SendRequest]) -> list[str]:
        known = {key(mailbox["email"]) for mailbox in named}
        return [recipient for recipient in self._recipients if key(recipient) not in known]

    def _common(self) -> SendRequest:
        mail = self._mail
        texts = {name: text for name, text in (("html", mail.html), ("text", mail.text)) if text}
        sender = {"from": _mailbox(mail.sender)} if mail.sender else {}
        reply_to = {"reply_to": _mailbox(mail.reply_to[0])} if mail.reply_to else {}
        files = {"attachments": list(self._files(mail))} if mail.attachments and self.original is None else {}
        subject = " ".join(mail.subject.split()) or NO_SUBJECT
        # A mail may consist of files only; the API requires a text.
        return {**sender, **reply_to, "subject": subject, **(texts or {"text": "\n"}), **files, "headers": dict(self._custom_headers())}

    def _files(self, mail: ReceivedMail) -> Iterator[SendRequest]:
        for number, attachment in enumerate(mail.attachments, 1):
            yield {
                "filename": attachment.filename or f"attachment-{number}",
                "content": base64.b64encode(attachment.content).decode(),
                **self._described(attachment),
            }

    def _described(self, received_attachment: ReceivedAttachment) -> SendRequest:
        """The parts that the contract allows; others are left out."""
        kinds = [kind for kind in (received_attachment.content_type, received_attachment.media_type) if self._fits("content_type", kind)]
        content_id = received_attachment.content_id
        return {
            **({"content_type": kinds[0]} if kinds else {}),
            **({"content_id": content_id} if self._fits("content_id", content_id) else {}),
        }

    def _fits(self, name: str, value: str) -> bool:
        return self._validators.at(f"/components/schemas/Attachment/properties/{name}").is_valid(value)

    def _custom_headers(self) -> Iterator[tuple[str, str]]:
        """The fields that a caller may add."""
        may_be_added = self._validators.at("/components/schemas/CustomHeaders").is_valid
        given = ((name.title(), " ".join(value.split())) for name, value in self._fields.items() if not name.startswith(PLATFORM_PREFIX))
        allowed = [(name, value) for name, value in given if may_be_added({name: value})]
        yield from allowed[:MAX_FIELDS]


def _mailbox(mailbox: ReceivedMailbox) -> SendRequest:
    try:
        email = to_ascii(mailbox.email)
    except ValueError:  # the contract refuses it
        email = mailbox.email
    return {"email": email, "name": mailbox.name} if mailbox.name else {"email": email}
