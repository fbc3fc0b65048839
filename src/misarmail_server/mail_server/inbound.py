"""Mail from other servers: bounces, complaints, unsubscribe requests, and mail for inbound domains. Nothing is relayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from misarmail_server.errors import Unavailable
from misarmail_server.mail_server.pool import WorkPool
from misarmail_server.mail_server.protocol import FAULT
from misarmail_server.received.auth.checks import SmtpSession
from misarmail_server.services.inbound_mail import InboundReceiver, ReceivedEnvelope

MAX_RECIPIENTS = 100

TAKEN = "250 2.0.0 Taken"
NOT_OURS = "550 5.7.1 Relaying denied: there is no such address here"
NO_RECIPIENT = "550 5.7.1 Only reports about mail of this platform are read here"
DATABASE_UNREACHABLE = "451 4.3.0 The store cannot take it now; try again later"
TOO_MANY = "452 4.5.3 Too many recipients"
NO_ADDRESS = "553 5.1.3 The address cannot be used"

log = structlog.get_logger()


class InboundHandler:
    """The replies. Recipients are checked before the content; 250 comes after the commit."""

    def __init__(self, receiving: InboundReceiver, pool: WorkPool) -> None:
        self._receiving = receiving
        self._pool = pool

    async def handle_EHLO(self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        """The extensions, without AUTH, which aiosmtpd would list empty."""
        session.host_name = hostname
        return [response for response in responses if not response.startswith("250-AUTH")]

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Any sender is accepted, also the empty one (RFC 5321, section 4.5.5)."""
        if not is_clean(address):
            return NO_ADDRESS
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        envelope.destinations = []
        return "250 2.1.0 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:
        """Only our own addresses are accepted."""
        if not is_clean(address):
            return NO_ADDRESS
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        try:
            destination = await self._pool.run(lambda: self._receiving.destination(address))
        except Unavailable:
            return DATABASE_UNREACHABLE
        if destination is None:
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        envelope.destinations.append(destination)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Any mail is either stored or refused, never lost."""
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from
        mail = ReceivedEnvelope(SmtpSession(server.peer, session.host_name, sender), envelope.content, tuple(envelope.destinations))
        calls_out = any(destination.kind == "inbound" for destination in mail.destinations)
        return await self._pool.run(lambda: reply_for(lambda: self._take(mail)), calls_out=calls_out)

    def _take(self, mail: ReceivedEnvelope) -> str:
        return TAKEN if self._receiving.take(mail) else NO_RECIPIENT


def reply_for(work: Callable[[], str]) -> str:
    """The reply of `work`; a temporary refusal if it fails."""
    try:
        return work()
    except Unavailable as error:
        log.warning("mail waits for the database", cause=repr(error.__cause__ or error))
        return DATABASE_UNREACHABLE
    except Exception:  # an unexpected fault of one mail must not lose it
        log.exception("a mail failed unexpectedly")
        return FAULT


def is_clean(address: str) -> bool:
    """Whether an address is text: valid UTF-8 without control characters."""
    return address.isprintable() and not any("\ud800" <= character <= "\udfff" for character in address)
