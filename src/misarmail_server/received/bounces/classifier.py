"""One message that came back: is it a bounce, a complaint, an automatic answer, a receipt, or none of these."""

from __future__ import annotations

import re

from misarmail_server.received.bounces import addresses, amazon, complaints, daemons, dsn, notices, originals, replies
from misarmail_server.received.bounces.classes import BLANKS, Said, judge, plain, reply_in, stage_of, status_in
from misarmail_server.received.bounces.reading import Message, read
from misarmail_server.received.bounces.report import Kind, Report, Returned

LONGEST_REASON = 500
ENVELOPE = ("x-original-to", "envelope-to", "x-envelope-to", "delivered-to", "x-rcpt-to", "to")
DELIVERED = frozenset({"delivered", "relayed", "expanded"})
OF_CARRIER = re.compile(r"the user\(s\) account is [a-z ]{1,60}", re.IGNORECASE)

Found = tuple[Kind, tuple[Returned, ...]]


def classify(raw: bytes) -> Report:
    """What a message reports. Any bytes have an answer; what is no report has the kind `none`."""
    message = read(raw)
    kind, recipients = _found(message)
    returned = originals.fields(message)
    return Report(
        kind=kind,
        recipients=recipients,
        message_id=returned.get("message-id", "").strip(" <>")[:LONGEST_REASON],
        sent_to=_sent_to(message),
    )


def _found(message: Message) -> Found:
    """Each reader in turn; the first that knows the form answers."""
    for reader in (_of_complaint, _of_amazon, _of_fields, _of_receipt, _of_notice, _of_reply):
        found = reader(message)
        if found:
            return found
    return "none", ()


def _of_complaint(message: Message) -> Found | None:
    feedback = complaints.feedback_type(message)
    if feedback in complaints.NO_COMPLAINTS:
        return "none", ()
    return ("complaint", complaints.recipients(message, feedback)) if feedback else None


def _of_amazon(message: Message) -> Found | None:
    told = amazon.read(message.parts[0].text()) if len(message.parts) == 1 else None
    if told is None or not told[1]:
        return None
    kind, said = told
    if kind == "bounce":
        return kind, tuple(_returned(address, one) for address, one in said)
    return kind, tuple(Returned(address) for address, _ in said)


def _of_fields(message: Message) -> Found | None:
    """A report of RFC 3464."""
    entries = dsn.entries(message)
    if not entries:
        return None
    failed = [entry for entry in entries if entry.action not in DELIVERED]
    if not failed:
        return "delivered", tuple(Returned(entry.address, status=entry.status) for entry in entries)
    text = originals.notice(message)
    said = {address.lower(): segment for address, segment in notices.segments(text).items()}
    return "bounce", tuple(_of_entry(one, text, said, is_alone=len(failed) == 1) for one in failed)


def _of_entry(entry: dsn.Entry, text: str, said: dict[str, str], *, is_alone: bool) -> Returned:
    words = _words(text, entry.address, said, is_alone=is_alone)
    exact = (entry.diagnostic, *words.exact, entry.remark)
    return _returned(entry.address, words._replace(exact=exact, status=entry.status, is_delayed=entry.action == "delayed"))


def _of_receipt(message: Message) -> Found | None:
    """A receipt of RFC 8098: somebody's program has shown the mail, or thrown it away; it did arrive."""
    for part in message.parts:
        if part.media_type == "message/disposition-notification":
            address = dsn.recipient_of(part.text())
            return "delivered", (Returned(address),) if address else ()
    return None


def _of_notice(message: Message) -> Found | None:
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
    reporter = addresses.first(message.fields.get("from", "")).lower().rpartition("@")[2]
    found = []
    for address in said:
        words = _words(text, address, said, is_alone=len(said) == 1)
        is_first_hand = f".{reporter}".endswith(f".{address.rpartition('@')[2]}")
        found.append(
            _returned(address, words._replace(around=(*words.around, subject), is_delayed=is_delayed, is_first_hand=is_first_hand))
        )
    return ("bounce", tuple(found)) if found else None


def _of_inner(message: Message) -> Found | None:
    """A report that another system passed on as its own."""
    for part in message.parts[1:]:
        if part.media_type == "message/rfc822":
            inner = read(part.text().encode("utf-8", "replace"))
            return _of_fields(inner) if inner.parts[0].media_type == "multipart/report" else None
    return None


def _of_reply(message: Message) -> Found | None:
    """What a program answered for a person."""
    if not replies.is_automatic(message):
        return None
    address = addresses.first(message.fields.get("from", ""))
    return "auto_reply", (Returned(address, "AutoReply"),) if address else ()


def _words(text: str, address: str, said: dict[str, str], *, is_alone: bool) -> Said:
    """What a notice says of an address. KDDI says what is the matter with an account before it says `user unknown` of all."""
    shown = notices.dialogue(text, address)
    is_own = shown.is_own or is_alone
    of_carrier = OF_CARRIER.search(text)
    exact = (of_carrier[0] if of_carrier else "", shown.answer if is_own else "", said.get(address.lower(), ""))
    return Said(exact, stage=shown.stage if is_own else "", around=(text,), is_alone=is_alone)


def _named(message: Message, text: str) -> dict[str, str]:
    """The addresses that bounced, in lower case, with what is said of each."""
    said = {address.lower(): segment for address, segment in notices.segments(text).items()}
    failed = [one.lower() for one in addresses.every(message.fields.get("x-failed-recipients", ""))]
    if failed:
        return {one: said.get(one, "") for one in failed}
    own = _own(message)
    return {one: segment for one, segment in said.items() if one not in own} or dict.fromkeys(_guessed(message, text, own), "")


def _guessed(message: Message, text: str, own: set[str]) -> list[str]:
    """Who may be meant where nobody is named: first whom the text and the returned mail agree on."""
    mentioned = [one.lower() for one in addresses.every(text) if one.lower() not in own]
    returned = originals.fields(message)
    known = [addresses.first(returned.get(name, "")).lower() for name in ("x-envelope-to", "envelope-to", "to", "delivered-to")]
    known = [one for one in known if one]
    subject = [one.lower() for one in addresses.every(message.fields.get("subject", ""))]
    return [one for one in mentioned if one in known] or mentioned[:1] or known[:1] or subject[:1]


def _own(message: Message) -> set[str]:
    """The addresses of the reporter and of whom it tells, unless he wrote to himself."""
    returned = originals.fields(message)
    to = {addresses.first(message.fields.get("to", "")).lower()} - {addresses.first(returned.get("to", "")).lower()}
    return {addresses.first(message.fields.get("from", "")).lower()} | to


def _returned(address: str, said: Said) -> Returned:
    texts = [text for text in (*said.exact, *(said.around if said.is_alone else ())) if text.strip()]
    stage = said.stage or next((one for one in (stage_of(plain(text)) for text in texts) if one), "")
    verdict = judge(said._replace(stage=stage))
    return Returned(
        address=address,
        bounce_class=verdict.bounce_class,
        is_hard=verdict.is_hard,
        status=said.status or next((one for one in map(status_in, texts) if one), ""),
        reply=next((one for one in map(reply_in, texts) if one), ""),
        reason=BLANKS.sub(" ", texts[0])[:LONGEST_REASON].strip() if texts else "",
        is_delayed=said.is_delayed,
    )


def _sent_to(message: Message) -> str:
    """Where the report was delivered; the envelope's recipient as the last server wrote it, or else the header's."""
    return next((one for one in (addresses.first(message.fields.get(name, "")) for name in ENVELOPE) if one), "")
