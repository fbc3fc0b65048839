"""Mail that comes to this platform: whom an address belongs to, and what the mail does.

A recipient is known or refused before the mail is read. All that a mail does is one unit of work, durable when `take` returns.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, select

from misarmail_contract import models
from misarmail_server.context import TenantUnit, Unit, at
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.tokens import AddressKind, Tokens
from misarmail_server.errors import Invalid, Unavailable
from misarmail_server.events import webhook_outbox
from misarmail_server.events.webhook_outbox import EventPayload
from misarmail_server.received.auth import checks
from misarmail_server.received.auth.checks import AuthenticationResults, SmtpSession
from misarmail_server.received.bounces.classifier import classify
from misarmail_server.received.bounces.report import BounceReport, ReturnedRecipient
from misarmail_server.received.parsing import ReceivedMail, parse_mail
from misarmail_server.received.relay_reports import FeedbackKind as Fate
from misarmail_server.received.relay_reports import FeedbackReport as Fed
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.services import domain_names, message_feedback
from misarmail_server.settings import Settings

OFFICES = frozenset({"postmaster", "abuse"})  # RFC 5321, section 4.5.1; RFC 2142
TOKEN = re.compile(rb"\b([bu])-([a-z2-7]{29})@", re.IGNORECASE)
LOOKED_AT = 1 << 20  # bytes in which a report quotes our mail
MAX_TOKENS = 20

Kind = Literal["bounce", "unsubscribe", "office", "inbound"]
KINDS: dict[AddressKind, Kind] = {"b": "bounce", "u": "unsubscribe"}


class AddressedRecipient(NamedTuple):
    """The recipient's copy that an address of ours was made for."""

    row: int
    account_id: str
    message_id: str
    address: str


class Destination(NamedTuple):
    """What an envelope recipient stands for: a copy of our mail, an inbound domain (`id` and `account_id`), or an office of ours."""

    kind: Kind
    address: str
    copy: AddressedRecipient | None = None
    id: str = ""
    account_id: str = ""


class ReceivedEnvelope(NamedTuple):
    """A mail and who brought it."""

    session: SmtpSession
    content: bytes
    destinations: tuple[Destination, ...]


class ParsedMail(NamedTuple):
    """What a mail for inbound domains says, and whether its author is who it says."""

    mail: ReceivedMail
    checked: AuthenticationResults


class InboundReceiver:
    """Receives for one platform; used from several threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._tokens = Tokens(settings)
        self._hosts = frozenset(one.lower() for one in (settings.hostname, settings.return_path_host, settings.inbound_host))

    def destination(self, address: str) -> Destination | None:
        """Whom an address belongs to; None for what is not ours. Raises Unavailable."""
        local, _, host = address.rpartition("@")
        host = host.lower()
        if host == self._settings.return_path_host.lower() and (kind := _token_kind(local)):
            with self._store.read() as connection:
                copy = self._copy(connection, kind, local)
            return Destination(KINDS[kind], address, copy) if copy else None
        inbound = self._inbound(address, host)
        if inbound is None and local.lower() in OFFICES and host in self._hosts:
            return Destination("office", address)
        return inbound

    def take(self, mail: ReceivedEnvelope) -> bool:
        """Do what the mail is for; False when nobody here reads it. Raises Unavailable: it may be brought again."""
        kinds = {destination.kind for destination in mail.destinations}
        report = classify(mail.content) if kinds - {"inbound"} else BounceReport("none")
        read = self._read(mail) if "inbound" in kinds else None
        return self._store.write(lambda connection: self._apply(connection, mail, report, read))

    def _apply(self, connection: Connection, mail: ReceivedEnvelope, report: BounceReport, read: ParsedMail | None) -> bool:
        taken = [
            self._apply_one(connection, destination, mail, report) for destination in mail.destinations if destination.kind != "inbound"
        ]
        if read is not None:
            self._hand_on(connection, [destination for destination in mail.destinations if destination.kind == "inbound"], read)
        return read is not None or any(taken)

    def _apply_one(self, connection: Connection, to: Destination, mail: ReceivedEnvelope, report: BounceReport) -> bool:
        copy = to.copy or self._quoted(connection, mail.content, report)
        if copy is None:
            return False
        ctx = self._context(connection, copy.account_id)
        if to.kind == "unsubscribe" and report.kind == "none":
            message_feedback.keep(ctx, [Fed("unsubscribed", copy.address, copy.message_id, None, None)])
        elif report.kind == "complaint":
            message_feedback.keep(ctx, [Fed("complained", copy.address, copy.message_id, None, None)])
        elif report.kind == "bounce" and to.kind != "unsubscribe":
            _bounce(ctx, copy, report.recipients)
        return True

    def _quoted(self, connection: Connection, content: bytes, report: BounceReport) -> AddressedRecipient | None:
        """Which copy a report to an office is about: the proof in an address of ours that it quotes tells."""
        if report.kind not in {"bounce", "complaint"}:
            return None
        found = dict.fromkeys(one[0].decode().lower() for one in TOKEN.finditer(content[:LOOKED_AT]))
        for token in list(found)[:MAX_TOKENS]:
            kind = _token_kind(local := token.rstrip("@"))
            copy = self._copy(connection, kind, local) if kind else None
            if copy is not None:
                return copy
        return None

    def _copy(self, connection: Connection, kind: AddressKind, local: str) -> AddressedRecipient | None:
        row = self._tokens.read_address(kind, local)
        if row is None or row >= 1 << 63:  # no id of a row, and none that a database could look for
            return None
        recipient = tables.Recipient
        known = select(recipient.id, recipient.account_id, recipient.message_id, recipient.address).where(recipient.id == row)
        found = connection.execute(known).first()
        return None if found is None else AddressedRecipient(*found)

    def _inbound(self, address: str, host: str) -> Destination | None:
        try:
            name = domain_names.normalised(host, "domain")
        except Invalid:
            return None
        known = select(tables.InboundDomain.id, tables.InboundDomain.account_id).where(tables.InboundDomain.subdomain == name)
        with self._store.read() as connection:
            row = connection.execute(known).first()
        return None if row is None else Destination("inbound", address, id=row.id, account_id=row.account_id)

    def _read(self, mail: ReceivedEnvelope) -> ParsedMail:
        """Asks the DNS, so it stands outside every transaction."""
        return ParsedMail(parse_mail(mail.content), checks.check(self._settings.dns, mail.session, mail.content))

    def _hand_on(self, connection: Connection, destinations: Sequence[Destination], read: ParsedMail) -> None:
        """One event for each domain, with those of its addresses that the envelope named."""
        by_domain: dict[tuple[str, str], list[str]] = {}
        for destination in destinations:
            by_domain.setdefault((destination.id, destination.account_id), []).append(destination.address)
        for (id_, account_id), addresses in by_domain.items():
            # Deleted since it was asked for: its mail is nobody's any more.
            if connection.scalar(select(tables.InboundDomain.id).where(tables.InboundDomain.id == id_)) is not None:
                ctx = self._context(connection, account_id)
                webhook_outbox.emit_received_mail(
                    connection, account_id, id_, EventPayload("email.received", _received(ctx, addresses, read))
                )

    def _context(self, connection: Connection, account_id: str) -> TenantUnit:
        return Unit(self._store, self._settings, connection).of(account_id)


def _token_kind(local: str) -> AddressKind | None:
    prefix = local[:2].lower()
    return "b" if prefix == "b-" else "u" if prefix == "u-" else None


def _bounce(ctx: TenantUnit, copy: AddressedRecipient, returned: Sequence[ReturnedRecipient]) -> None:
    """A copy goes to one address, so a report of several is about those that it was sent on to: all must be hard then."""
    failed = [one for one in returned if not one.is_delayed]
    own = [one for one in failed if one.address.lower() == copy.address.lower()]
    if not failed:
        return
    _require_settled(ctx, copy)
    told = (own or failed)[0]
    fate: Fate = "hard_bounced" if all(one.is_hard for one in own or failed) else "soft_bounced"
    code = int(told.reply) if told.reply.isdecimal() else None
    message_feedback.keep(ctx, [Fed(fate, copy.address, copy.message_id, code, outcomes.clean(told.reason) or None)])


def _require_settled(ctx: TenantUnit, copy: AddressedRecipient) -> None:
    """A bounce may be faster than the worker that writes the delivery down, which would then overwrite it. Raises Unavailable."""
    state = ctx.connection.scalar(select(tables.Recipient.state).where(tables.Recipient.id == copy.row).with_for_update())
    if state == RecipientState.LEASED:
        raise Unavailable("The mail that bounced is still being delivered; try again shortly")


def _received(ctx: TenantUnit, addresses: list[str], read: ParsedMail) -> models.EmailReceivedEventDetails:
    mail, checked = read
    return models.EmailReceivedEventDetails(
        id=ctx.new_id("imp"),
        from_=mail.sender.email if mail.sender else "",
        to=addresses,
        subject=mail.subject,
        html=mail.html or None,
        text=mail.text or None,
        reply_text=mail.reply or None,
        attachments=[_file(attachment) for attachment in mail.attachments],
        headers=_fields(mail.headers),
        spf=checked.spf.result,
        dkim=checked.dkim.result,
        dmarc=checked.dmarc.result,
        received_at=at(ctx.now()),
    )


def _file(one: Any) -> models.ReceivedAttachment:
    content = base64.b64encode(one.content).decode()
    return models.ReceivedAttachment(filename=one.filename, content_type=one.media_type, content=content)


def _fields(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Names in lower case; the values of one that is repeated are joined by line breaks."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return {name: "\n".join(values) for name, values in found.items()}
