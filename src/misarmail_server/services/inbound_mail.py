"""Received mail: resolves recipient addresses, and applies each mail.

A recipient is accepted or refused before the mail is read. All effects of a mail are one unit of work, durable when `take` returns.
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
from misarmail_server.delivery.tokens import AddressKind, TokenClaim, Tokens
from misarmail_server.errors import Invalid, Unavailable
from misarmail_server.events import webhook_outbox
from misarmail_server.events.webhook_outbox import EventPayload
from misarmail_server.received.auth.checks import AuthenticationResults, SmtpSession
from misarmail_server.received.auth.isolated import CheckProcesses
from misarmail_server.received.bounces.report import BounceReport, ReturnedRecipient
from misarmail_server.received.bounces.returned_mail import classify
from misarmail_server.received.parsing import ReceivedMail, parse_mail
from misarmail_server.received.relay_reports import FeedbackKind, FeedbackReport
from misarmail_server.rows.domains import RETURN_PATH_LABEL
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.services import domain_names, message_feedback, message_recipients, unsubscribes
from misarmail_server.services.message_recipients import Visitor
from misarmail_server.settings import Settings

ROLE_LOCAL_PARTS = frozenset({"postmaster", "abuse"})  # RFC 5321, section 4.5.1; RFC 2142
TOKEN = re.compile(rb"\b([bu])-([a-z2-7]{29})@", re.IGNORECASE)
MAX_SEARCHED = 1 << 20  # bytes of a report that are searched for quoted tokens
MAX_TOKENS = 20

Kind = Literal["bounce", "unsubscribe", "role", "inbound"]
KINDS: dict[AddressKind, Kind] = {"b": "bounce", "u": "unsubscribe"}


class AddressedRecipient(NamedTuple):
    """The recipient of a message that an address with a token identifies."""

    row: int
    account_id: str
    message_id: str
    address: str


class Destination(NamedTuple):
    """The target of an envelope recipient: a sent message, an inbound domain (`id` and `account_id`), or a role address of the platform."""

    kind: Kind
    address: str
    addressed: AddressedRecipient | None = None
    id: str = ""
    account_id: str = ""


class ReceivedEnvelope(NamedTuple):
    """A received mail and its SMTP session."""

    session: SmtpSession
    content: bytes
    destinations: tuple[Destination, ...]


class ParsedMail(NamedTuple):
    """The content of a mail for inbound domains, and its authentication results."""

    mail: ReceivedMail
    checked: AuthenticationResults


class InboundReceiver:
    """Receives mail for one platform. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._tokens = Tokens(settings)
        self._checks = CheckProcesses()
        self._hosts = frozenset(host.lower() for host in (settings.hostname, settings.return_path_host, settings.inbound_host))

    def close(self) -> None:
        """End the processes that check mails."""
        self._checks.close()

    def destination(self, address: str) -> Destination | None:
        """Resolve an address; None if it does not belong to this platform. Raises Unavailable.

        `postmaster` without a domain is the one of the platform's host (RFC 5321, section 4.5.1).
        """
        if address.lower() == "postmaster":
            address = f"{address}@{self._settings.hostname}"
        local, _, host = address.rpartition("@")
        host = host.lower()
        is_own = host == self._settings.return_path_host.lower()
        # Below a customer's domain, the signature of a token suffices: the domain may have been deleted since its mail left.
        if (is_own or host.startswith(f"{RETURN_PATH_LABEL}.")) and (kind := _token_kind(local)):
            with self._store.read() as connection:
                addressed = self._recipient(connection, kind, local)
            if addressed or is_own:
                return Destination(KINDS[kind], address, addressed) if addressed else None
        inbound = self._inbound(address, host)
        if inbound is None and local.lower() in ROLE_LOCAL_PARTS and host in self._hosts:
            return Destination("role", address)
        return inbound

    def take(self, mail: ReceivedEnvelope) -> bool:
        """Apply a mail; returns False if it has no effect. Raises Unavailable: the client may retry."""
        kinds = {destination.kind for destination in mail.destinations}
        report = classify(mail.content) if kinds - {"inbound"} else BounceReport("none")
        read = self._parse(mail) if "inbound" in kinds else None
        return self._store.write(lambda connection: self._apply(connection, mail, report, read))

    def _apply(self, connection: Connection, mail: ReceivedEnvelope, report: BounceReport, read: ParsedMail | None) -> bool:
        taken = [
            self._apply_one(connection, destination, mail, report) for destination in mail.destinations if destination.kind != "inbound"
        ]
        if read is not None:
            self._emit_received(connection, [destination for destination in mail.destinations if destination.kind == "inbound"], read)
        return read is not None or any(taken)

    def _apply_one(self, connection: Connection, to: Destination, mail: ReceivedEnvelope, report: BounceReport) -> bool:
        addressed = to.addressed or self._quoted_recipient(connection, mail.content, report)
        if addressed is None:
            return False
        ctx = self._context(connection, addressed.account_id)
        if to.kind == "unsubscribe" and report.kind == "none":
            recipient = message_recipients.read(connection, TokenClaim(addressed.message_id, addressed.row), is_locked=True)
            if recipient is not None:
                unsubscribes.unsubscribe(ctx, recipient, Visitor(), "mail")
        elif report.kind == "complaint":
            message_feedback.apply(ctx, [FeedbackReport("complained", addressed.address, addressed.message_id, None, None)])
        elif report.kind == "bounce" and to.kind != "unsubscribe":
            _bounce(ctx, addressed, report.recipients)
        return True

    def _quoted_recipient(self, connection: Connection, content: bytes, report: BounceReport) -> AddressedRecipient | None:
        """The recipient that a report to a role address is about, from the first valid token that it quotes."""
        if report.kind not in {"bounce", "complaint"}:
            return None
        tokens = dict.fromkeys(match[0].decode().lower() for match in TOKEN.finditer(content[:MAX_SEARCHED]))
        for token in list(tokens)[:MAX_TOKENS]:
            kind = _token_kind(local := token.rstrip("@"))
            addressed = self._recipient(connection, kind, local) if kind else None
            if addressed is not None:
                return addressed
        return None

    def _recipient(self, connection: Connection, kind: AddressKind, local: str) -> AddressedRecipient | None:
        recipient_id = self._tokens.read_address(kind, local)
        if recipient_id is None or recipient_id >= 1 << 63:  # not a valid row id
            return None
        recipient = tables.Recipient
        query = select(recipient.id, recipient.account_id, recipient.message_id, recipient.address).where(recipient.id == recipient_id)
        row = connection.execute(query).first()
        return None if row is None else AddressedRecipient(*row)

    def _inbound(self, address: str, host: str) -> Destination | None:
        try:
            name = domain_names.normalised(host, "domain")
        except Invalid:
            return None
        query = select(tables.InboundDomain.id, tables.InboundDomain.account_id).where(tables.InboundDomain.subdomain == name)
        with self._store.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else Destination("inbound", address, id=row.id, account_id=row.account_id)

    def _parse(self, mail: ReceivedEnvelope) -> ParsedMail:
        """Looks up DNS, so it runs outside every transaction."""
        return ParsedMail(parse_mail(mail.content), self._checks.check(self._settings.dns, mail.session, mail.content))

    def _emit_received(self, connection: Connection, destinations: Sequence[Destination], read: ParsedMail) -> None:
        """Emit one event per inbound domain, with the envelope's addresses of that domain."""
        by_domain: dict[tuple[str, str], list[str]] = {}
        for destination in destinations:
            by_domain.setdefault((destination.id, destination.account_id), []).append(destination.address)
        for (id_, account_id), addresses in by_domain.items():
            # If the domain was deleted meanwhile, its mail is dropped.
            if connection.scalar(select(tables.InboundDomain.id).where(tables.InboundDomain.id == id_)) is not None:
                ctx = self._context(connection, account_id)
                webhook_outbox.emit_received_mail(
                    connection, account_id, id_, EventPayload("email.received", _event_details(ctx, addresses, read))
                )

    def _context(self, connection: Connection, account_id: str) -> TenantUnit:
        return Unit(self._store, self._settings, connection).of(account_id)


def _token_kind(local: str) -> AddressKind | None:
    prefix = local[:2].lower()
    return "b" if prefix == "b-" else "u" if prefix == "u-" else None


def _bounce(ctx: TenantUnit, addressed: AddressedRecipient, returned: Sequence[ReturnedRecipient]) -> None:
    """A message has one recipient address, so a report about several lists forwarding addresses: all must be hard bounces then."""
    failed = [recipient for recipient in returned if not recipient.is_delayed]
    own = [recipient for recipient in failed if recipient.address.lower() == addressed.address.lower()]
    if not failed:
        return
    _require_settled(ctx, addressed)
    reported = (own or failed)[0]
    kind: FeedbackKind = "hard_bounced" if all(recipient.is_hard for recipient in own or failed) else "soft_bounced"
    code = int(reported.reply) if reported.reply.isdecimal() else None
    message_feedback.apply(
        ctx, [FeedbackReport(kind, addressed.address, addressed.message_id, code, outcomes.clean(reported.reason) or None)]
    )


def _require_settled(ctx: TenantUnit, addressed: AddressedRecipient) -> None:
    """A bounce may arrive before the worker has recorded the delivery, which would then overwrite it. Raises Unavailable."""
    state = ctx.connection.scalar(select(tables.Recipient.state).where(tables.Recipient.id == addressed.row).with_for_update())
    if state == RecipientState.LEASED:
        raise Unavailable("The mail that bounced is still being delivered; try again shortly")


def _event_details(ctx: TenantUnit, addresses: list[str], read: ParsedMail) -> models.EmailReceivedEventDetails:
    mail, checked = read
    return models.EmailReceivedEventDetails(
        id=ctx.new_id("imp"),
        from_=mail.sender.email if mail.sender else "",
        to=addresses,
        subject=mail.subject,
        html=mail.html or None,
        text=mail.text or None,
        reply_text=mail.reply or None,
        attachments=[_to_attachment(attachment) for attachment in mail.attachments],
        headers=_header_fields(mail.headers),
        spf=checked.spf.result,
        dkim=checked.dkim.result,
        dmarc=checked.dmarc.result,
        received_at=at(ctx.now()),
    )


def _to_attachment(attachment: Any) -> models.ReceivedAttachment:
    content = base64.b64encode(attachment.content).decode()
    return models.ReceivedAttachment(filename=attachment.filename, content_type=attachment.media_type, content=content)


def _header_fields(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Names in lower case; repeated fields are joined by line breaks."""
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name, []).append(value)
    return {name: "\n".join(values) for name, values in fields.items()}
