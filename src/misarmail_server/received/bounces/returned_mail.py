"""Classifies a message that came back: a bounce, a complaint, an automatic reply, a receipt, or none of these."""

from __future__ import annotations

import re

from misarmail_server.received.bounces import addresses, amazon, complaints, dsn, mailer_daemons, notices, originals, replies
from misarmail_server.received.bounces.reading import ParsedMessage, read
from misarmail_server.received.bounces.refusals import BLANKS, ReceiverReply, classify_reply, plain, reply_in, stage_of, status_in
from misarmail_server.received.bounces.report import BounceReport, ReportKind, ReturnedRecipient

MAX_REASON_LENGTH = 500
ENVELOPE = ("x-original-to", "envelope-to", "x-envelope-to", "delivered-to", "x-rcpt-to", "to")
DELIVERED = frozenset({"delivered", "relayed", "expanded"})
OF_CARRIER = re.compile(r"the user\(s\) account is [a-z ]{1,60}", re.IGNORECASE)

Classified = tuple[ReportKind, tuple[ReturnedRecipient, ...]]


def classify(raw: bytes) -> BounceReport:
    """The report in a message. Any bytes are accepted; a message without a report has the kind `none`."""
    message = read(raw)
    kind, recipients = _found(message)
    returned = originals.fields(message)
    return BounceReport(
        kind=kind,
        recipients=recipients,
        message_id=returned.get("message-id", "").strip(" <>")[:MAX_REASON_LENGTH],
        sent_to=_sent_to(message),
    )


def _found(message: ParsedMessage) -> Classified:
    """Tries each reader in turn; the first that recognizes its format wins. A report that a person sends on is not evaluated."""
    readers = (
        (_of_reply,) if mailer_daemons.is_sent_on(message) else (_of_complaint, _of_amazon, _of_fields, _of_receipt, _of_notice, _of_reply)
    )
    for reader in readers:
        classified = reader(message)
        if classified:
            return classified
    return "none", ()


def _of_complaint(message: ParsedMessage) -> Classified | None:
    feedback = complaints.feedback_type(message)
    if feedback in complaints.NO_COMPLAINTS:
        return "none", ()
    return ("complaint", complaints.recipients(message, feedback)) if feedback else None


def _of_amazon(message: ParsedMessage) -> Classified | None:
    notification = amazon.read(message.parts[0].text()) if len(message.parts) == 1 else None
    if notification is None or not notification[1]:
        return None
    kind, replies = notification
    if kind == "bounce":
        return kind, tuple(_returned(address, reply) for address, reply in replies)
    return kind, tuple(ReturnedRecipient(address) for address, _ in replies)


def _of_fields(message: ParsedMessage) -> Classified | None:
    """A report of RFC 3464."""
    entries = dsn.entries(message)
    if not entries:
        return None
    failed = [entry for entry in entries if entry.action not in DELIVERED]
    if not failed:
        return "delivered", tuple(ReturnedRecipient(entry.address, status=entry.status) for entry in entries)
    text = originals.notice(message)
    segments = {address.lower(): segment for address, segment in notices.segments(text).items()}
    return "bounce", tuple(_of_entry(entry, text, segments, is_alone=len(failed) == 1) for entry in failed)


def _of_entry(entry: dsn.DsnRecipient, text: str, segments: dict[str, str], *, is_alone: bool) -> ReturnedRecipient:
    words = _words(text, entry.address, segments, is_alone=is_alone)
    exact = (entry.diagnostic, *words.exact, entry.remark)
    return _returned(entry.address, words._replace(exact=exact, status=entry.status, is_delayed=entry.action == "delayed"))


def _of_receipt(message: ParsedMessage) -> Classified | None:
    """A receipt of RFC 8098: a program has shown or deleted the mail, so it did arrive."""
    for part in message.parts:
        if part.media_type == "message/disposition-notification":
            address = dsn.recipient_of(part.text())
            return "delivered", (ReturnedRecipient(address),) if address else ()
    return None


def _of_notice(message: ParsedMessage) -> Classified | None:
    """A bounce in prose, without fields."""
    text = originals.notice(message)
    if not mailer_daemons.speaks(message, text):
        return None
    inner = _of_inner(message)
    if inner:
        return inner
    segments = _named(message, text)
    subject = message.fields.get("subject", "")
    is_delayed = mailer_daemons.is_delay(subject, text)
    reporter = addresses.first_address(message.fields.get("from", "")).lower().rpartition("@")[2]
    recipients = []
    for address in segments:
        words = _words(text, address, segments, is_alone=len(segments) == 1)
        is_first_hand = f".{reporter}".endswith(f".{address.rpartition('@')[2]}")
        recipients.append(
            _returned(address, words._replace(around=(*words.around, subject), is_delayed=is_delayed, is_first_hand=is_first_hand))
        )
    return ("bounce", tuple(recipients)) if recipients else None


def _of_inner(message: ParsedMessage) -> Classified | None:
    """A report that another system forwarded."""
    for part in message.parts[1:]:
        if part.media_type == "message/rfc822":
            inner = read(part.text().encode("utf-8", "replace"))
            return _of_fields(inner) if inner.parts[0].media_type == "multipart/report" else None
    return None


def _of_reply(message: ParsedMessage) -> Classified | None:
    """An automatic reply."""
    if not replies.is_automatic(message):
        return None
    address = addresses.first_address(message.fields.get("from", ""))
    return "auto_reply", (ReturnedRecipient(address, "AutoReply"),) if address else ()


def _words(text: str, address: str, segments: dict[str, str], *, is_alone: bool) -> ReceiverReply:
    """The text about an address. KDDI gives the reason for an account first, and then `user unknown` for all."""
    shown = notices.quoted_session(text, address)
    is_own = shown.is_own or is_alone
    of_carrier = OF_CARRIER.search(text)
    exact = (of_carrier[0] if of_carrier else "", shown.answer if is_own else "", segments.get(address.lower(), ""))
    return ReceiverReply(exact, stage=shown.stage if is_own else "", around=(text,), is_alone=is_alone)


def _named(message: ParsedMessage, text: str) -> dict[str, str]:
    """The addresses that bounced, in lower case, each with the text about it."""
    segments = {address.lower(): segment for address, segment in notices.segments(text).items()}
    failed = [address.lower() for address in addresses.all_addresses(message.fields.get("x-failed-recipients", ""))]
    if failed:
        return {address: segments.get(address, "") for address in failed}
    own = _own(message)
    return {address: text_ for address, text_ in segments.items() if address not in own} or dict.fromkeys(_guessed(message, text, own), "")


def _guessed(message: ParsedMessage, text: str, own: set[str]) -> list[str]:
    """The probable recipients if the notice names none: first those that both the text and the returned mail contain."""
    mentioned = [address.lower() for address in addresses.all_addresses(text) if address.lower() not in own]
    returned = originals.fields(message)
    known = [addresses.first_address(returned.get(name, "")).lower() for name in ("x-envelope-to", "envelope-to", "to", "delivered-to")]
    known = [address for address in known if address]
    subject = [address.lower() for address in addresses.all_addresses(message.fields.get("subject", ""))]
    return [address for address in mentioned if address in known] or mentioned[:1] or known[:1] or subject[:1]


def _own(message: ParsedMessage) -> set[str]:
    """The addresses of the reporter and of the reader of the report, unless the reader wrote to himself."""
    returned = originals.fields(message)
    to = {addresses.first_address(message.fields.get("to", "")).lower()} - {addresses.first_address(returned.get("to", "")).lower()}
    return {addresses.first_address(message.fields.get("from", "")).lower()} | to


def _returned(address: str, refusal: ReceiverReply) -> ReturnedRecipient:
    texts = [text for text in (*refusal.exact, *(refusal.around if refusal.is_alone else ())) if text.strip()]
    stage = refusal.stage or next((known for known in (stage_of(plain(text)) for text in texts) if known), "")
    verdict = classify_reply(refusal._replace(stage=stage))
    return ReturnedRecipient(
        address=address,
        bounce_class=verdict.bounce_class,
        is_hard=verdict.is_hard,
        status=refusal.status or next((status for status in map(status_in, texts) if status), ""),
        reply=next((code for code in map(reply_in, texts) if code), ""),
        reason=BLANKS.sub(" ", texts[0])[:MAX_REASON_LENGTH].strip() if texts else "",
        is_delayed=refusal.is_delayed,
    )


def _sent_to(message: ParsedMessage) -> str:
    """Where the report was delivered: the envelope's recipient as the last server recorded it, else the header's."""
    given = (addresses.first_address(message.fields.get(name, "")) for name in ENVELOPE)
    return next((address for address in given if address), "")
