"""One message that came back: is it a bounce, a complaint, an automatic answer, a receipt, or none of these."""

from __future__ import annotations

import re

from misarmail_server.received.bounces import addresses, amazon, complaints, daemons, dsn, notices, originals, replies
from misarmail_server.received.bounces.classes import BLANKS, ReceiverReply, classify_reply, plain, reply_in, stage_of, status_in
from misarmail_server.received.bounces.reading import ParsedMessage, read
from misarmail_server.received.bounces.report import BounceReport, ReportKind, ReturnedRecipient

MAX_REASON_LENGTH = 500
ENVELOPE = ("x-original-to", "envelope-to", "x-envelope-to", "delivered-to", "x-rcpt-to", "to")
DELIVERED = frozenset({"delivered", "relayed", "expanded"})
OF_CARRIER = re.compile(r"the user\(s\) account is [a-z ]{1,60}", re.IGNORECASE)

Classified = tuple[ReportKind, tuple[ReturnedRecipient, ...]]


def classify(raw: bytes) -> BounceReport:
    """What a message reports. Any bytes have an answer; what is no report has the kind `none`."""
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
    """Each reader in turn; the first that knows the form answers."""
    for reader in (_of_complaint, _of_amazon, _of_fields, _of_receipt, _of_notice, _of_reply):
        found = reader(message)
        if found:
            return found
    return "none", ()


def _of_complaint(message: ParsedMessage) -> Classified | None:
    feedback = complaints.feedback_type(message)
    if feedback in complaints.NO_COMPLAINTS:
        return "none", ()
    return ("complaint", complaints.recipients(message, feedback)) if feedback else None


def _of_amazon(message: ParsedMessage) -> Classified | None:
    told = amazon.read(message.parts[0].text()) if len(message.parts) == 1 else None
    if told is None or not told[1]:
        return None
    kind, said = told
    if kind == "bounce":
        return kind, tuple(_returned(address, one) for address, one in said)
    return kind, tuple(ReturnedRecipient(address) for address, _ in said)


def _of_fields(message: ParsedMessage) -> Classified | None:
    """A report of RFC 3464."""
    entries = dsn.entries(message)
    if not entries:
        return None
    failed = [entry for entry in entries if entry.action not in DELIVERED]
    if not failed:
        return "delivered", tuple(ReturnedRecipient(entry.address, status=entry.status) for entry in entries)
    text = originals.notice(message)
    said = {address.lower(): segment for address, segment in notices.segments(text).items()}
    return "bounce", tuple(_of_entry(one, text, said, is_alone=len(failed) == 1) for one in failed)


def _of_entry(entry: dsn.DsnRecipient, text: str, said: dict[str, str], *, is_alone: bool) -> ReturnedRecipient:
    words = _words(text, entry.address, said, is_alone=is_alone)
    exact = (entry.diagnostic, *words.exact, entry.remark)
    return _returned(entry.address, words._replace(exact=exact, status=entry.status, is_delayed=entry.action == "delayed"))


def _of_receipt(message: ParsedMessage) -> Classified | None:
    """A receipt of RFC 8098: somebody's program has shown the mail, or thrown it away; it did arrive."""
    for part in message.parts:
        if part.media_type == "message/disposition-notification":
            address = dsn.recipient_of(part.text())
            return "delivered", (ReturnedRecipient(address),) if address else ()
    return None


def _of_notice(message: ParsedMessage) -> Classified | None:
    """A bounce in prose."""
    text = originals.notice(message)
    if not daemons.speaks(message, text):
        return None
    inner = _of_inner(message)
    if inner:
        return inner
    said = _named(message, text)
    subject = message.fields.get("subject", "")
    is_delayed = daemons.is_delay(subject, text)
    reporter = addresses.first_address(message.fields.get("from", "")).lower().rpartition("@")[2]
    found = []
    for address in said:
        words = _words(text, address, said, is_alone=len(said) == 1)
        is_first_hand = f".{reporter}".endswith(f".{address.rpartition('@')[2]}")
        found.append(
            _returned(address, words._replace(around=(*words.around, subject), is_delayed=is_delayed, is_first_hand=is_first_hand))
        )
    return ("bounce", tuple(found)) if found else None


def _of_inner(message: ParsedMessage) -> Classified | None:
    """A report that another system passed on as its own."""
    for part in message.parts[1:]:
        if part.media_type == "message/rfc822":
            inner = read(part.text().encode("utf-8", "replace"))
            return _of_fields(inner) if inner.parts[0].media_type == "multipart/report" else None
    return None


def _of_reply(message: ParsedMessage) -> Classified | None:
    """What a program answered for a person."""
    if not replies.is_automatic(message):
        return None
    address = addresses.first_address(message.fields.get("from", ""))
    return "auto_reply", (ReturnedRecipient(address, "AutoReply"),) if address else ()


def _words(text: str, address: str, said: dict[str, str], *, is_alone: bool) -> ReceiverReply:
    """What a notice says of an address. KDDI says what is the matter with an account before it says `user unknown` of all."""
    shown = notices.quoted_session(text, address)
    is_own = shown.is_own or is_alone
    of_carrier = OF_CARRIER.search(text)
    exact = (of_carrier[0] if of_carrier else "", shown.answer if is_own else "", said.get(address.lower(), ""))
    return ReceiverReply(exact, stage=shown.stage if is_own else "", around=(text,), is_alone=is_alone)


def _named(message: ParsedMessage, text: str) -> dict[str, str]:
    """The addresses that bounced, in lower case, with what is said of each."""
    said = {address.lower(): segment for address, segment in notices.segments(text).items()}
    failed = [address.lower() for address in addresses.all_addresses(message.fields.get("x-failed-recipients", ""))]
    if failed:
        return {one: said.get(one, "") for one in failed}
    own = _own(message)
    return {one: segment for one, segment in said.items() if one not in own} or dict.fromkeys(_guessed(message, text, own), "")


def _guessed(message: ParsedMessage, text: str, own: set[str]) -> list[str]:
    """Who may be meant where nobody is named: first whom the text and the returned mail agree on."""
    mentioned = [address.lower() for address in addresses.all_addresses(text) if address.lower() not in own]
    returned = originals.fields(message)
    known = [addresses.first_address(returned.get(name, "")).lower() for name in ("x-envelope-to", "envelope-to", "to", "delivered-to")]
    known = [one for one in known if one]
    subject = [address.lower() for address in addresses.all_addresses(message.fields.get("subject", ""))]
    return [one for one in mentioned if one in known] or mentioned[:1] or known[:1] or subject[:1]


def _own(message: ParsedMessage) -> set[str]:
    """The addresses of the reporter and of whom it tells, unless he wrote to himself."""
    returned = originals.fields(message)
    to = {addresses.first_address(message.fields.get("to", "")).lower()} - {addresses.first_address(returned.get("to", "")).lower()}
    return {addresses.first_address(message.fields.get("from", "")).lower()} | to


def _returned(address: str, said: ReceiverReply) -> ReturnedRecipient:
    texts = [text for text in (*said.exact, *(said.around if said.is_alone else ())) if text.strip()]
    stage = said.stage or next((one for one in (stage_of(plain(text)) for text in texts) if one), "")
    verdict = classify_reply(said._replace(stage=stage))
    return ReturnedRecipient(
        address=address,
        bounce_class=verdict.bounce_class,
        is_hard=verdict.is_hard,
        status=said.status or next((one for one in map(status_in, texts) if one), ""),
        reply=next((one for one in map(reply_in, texts) if one), ""),
        reason=BLANKS.sub(" ", texts[0])[:MAX_REASON_LENGTH].strip() if texts else "",
        is_delayed=said.is_delayed,
    )


def _sent_to(message: ParsedMessage) -> str:
    """Where the report was delivered; the envelope's recipient as the last server wrote it, or else the header's."""
    return next((one for one in (addresses.first_address(message.fields.get(name, "")) for name in ENVELOPE) if one), "")
