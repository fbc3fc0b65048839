"""Mail that customers submit by SMTP (RFC 6409): accepted by the same steps as `POST /v1/send`, with the same refusals.

The password is an API key. It is checked again for every mail, so a revoked key is refused at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from aiosmtpd.smtp import AuthResult, LoginPassword
from msgspec import UNSET
from sqlalchemy import Connection

from contract.runtime.problems import Problem, by_field
from contract.runtime.validators import Validators
from contract.runtime.violations import validation_problem
from misarmail_contract import models
from misarmail_server.context import Context, Principal
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.errors import Forbidden, Invalid, Refusal, TooMany, Unavailable, Unprocessable
from misarmail_server.mail_server.guards import LoginFailures
from misarmail_server.mail_server.inbound import DATABASE_UNREACHABLE, NO_ADDRESS, TOO_MANY, is_clean, reply_for
from misarmail_server.mail_server.pool import WorkPool
from misarmail_server.mail_server.submission_mapping import SendRequest, SubmittedMail
from misarmail_server.services import keys, send
from misarmail_server.services.key_usage import KeyUses
from misarmail_server.services.rate_limits import RateLimits
from misarmail_server.settings import Settings

MAX_RECIPIENTS = 200  # to, cc and bcc of the contract together
MAX_NAMED = 5  # message ids in a reply
CLASS = "send"  # of the contract's `x-rate-limits`
ACCEPTED_SCOPES = frozenset({*send.SENDING_SCOPES, "sandbox"})

WRONG = "535 5.7.8 The password must be an API key with a sending scope"
THROTTLED = "454 4.7.0 Too many failed logins from this address; try again in a quarter of an hour"
NUL = "550 5.6.0 The mail holds a NUL"


class SubmittedEnvelope(NamedTuple):
    """A submitted mail, and the key that submitted it."""

    secret: str
    recipients: tuple[str, ...]
    content: bytes


class Submission:
    """Accepts mail for one platform; used from several threads."""

    def __init__(self, settings: Settings, store: Store, limits: RateLimits, validators: Validators) -> None:
        self._settings = settings
        self._store = store
        self._limits = limits
        self._validators = validators
        self._uses = KeyUses(store)

    def login(self, secret: str) -> Principal:
        """The principal of a key.

        Raises Unauthenticated, Forbidden("scope_missing") for one that can neither send nor capture, Unavailable.
        """
        principal, last_used_at = keys.authenticate(self._store, secret)
        if principal.scopes is not None and not principal.scopes & ACCEPTED_SCOPES:
            raise Forbidden("scope_missing", "This key has no sending scope")
        self._uses.note(principal.key_id or "", last_used_at)
        return principal

    def is_allowed(self, principal: Principal) -> bool:
        """Count a mail against the key's limit for this minute, for SMTP and HTTP together."""
        return self._limits.take(principal.key_id or principal.account_id, CLASS).is_granted

    def take(self, mail: SubmittedEnvelope) -> str:
        """Accept a mail; returns the reply. Raises Unavailable."""
        if b"\0" in mail.content:
            return NUL
        try:
            principal = self.login(mail.secret)
            submitted = SubmittedMail(mail.content, mail.recipients, self._validators)
            mails = [self._checked(request) for request in submitted.send_requests()]
            ids = self._store.write(lambda connection: self._accept(connection, principal, submitted, mails))
        except Unavailable:
            raise
        except (Refusal, Problem) as refusal:
            return reply_of(refusal)
        more = f" and {len(ids) - MAX_NAMED} more" if len(ids) > MAX_NAMED else ""
        return f"250 2.0.0 {' '.join(ids[:MAX_NAMED])}{more}"

    def _checked(self, request: SendRequest) -> models.EmailSend:
        """Raises Problem for a mail that the contract refuses."""
        validator = self._validators.at("/components/schemas/EmailSend")
        if not validator.is_valid(request):
            raise validation_problem(self._validators.bundle, validator.iter_errors(request))
        return msgspec.convert(request, models.EmailSend)

    def _accept(self, connection: Connection, principal: Principal, submitted: SubmittedMail, mails: list[models.EmailSend]) -> list[str]:
        ctx = Context.of_principal(self._store, self._settings, connection, principal)
        is_sandbox = send.is_captured(principal, is_sandbox_requested=submitted.is_sandbox_requested)
        thread = submitted.threading_headers()
        drafts = [send.Draft(_threaded(mail, thread), is_sandbox, original=submitted.original) for mail in mails]
        return [send.accept(ctx, draft).message_id for draft in drafts]


def _threaded(mail: models.EmailSend, thread: dict[str, str]) -> models.EmailSend:
    """With the fields that the API writes itself, and that the mail program has written here."""
    return msgspec.structs.replace(mail, headers={**({} if mail.headers is UNSET else mail.headers), **thread})


def reply_of(refusal: Refusal | Problem) -> str:
    """A refusal as one line: its sentence after an SMTP code and an enhanced status code (RFC 3463)."""
    return f"{_code(refusal)} {outcomes.clean(_sentence(refusal))}"


def _code(refusal: Refusal | Problem) -> str:
    if isinstance(refusal, TooMany):
        return "452 4.7.1" if refusal.code == "plan_limit_exceeded" else "450 4.7.1"
    if isinstance(refusal, Unprocessable):
        return "550 5.1.1"
    if isinstance(refusal, Invalid) and refusal.field == "attachments":
        return "552 5.3.4"
    return "550 5.6.0" if isinstance(refusal, Invalid | Problem) else "550 5.7.1"


def _sentence(refusal: Refusal | Problem) -> str:
    """The sentence, with the invalid fields if it names them."""
    if isinstance(refusal, Problem):
        fields, form = by_field(refusal.violations)
        named = [*(f"{name}: {' '.join(sentences)}" for name, sentences in fields.items()), *form]
    else:
        named = [f"{name}: {sentence}" for name, sentence in refusal.fields.items()]
    return "; ".join(named) or refusal.sentence


class SubmissionHandler:
    """The replies. Before a login only the demand for one is submitted, by the protocol."""

    def __init__(self, submission: Submission, pool: WorkPool, failures: LoginFailures) -> None:
        self._submission = submission
        self._pool = pool
        self._failures = failures

    async def auth_PLAIN(self, server: Any, args: list[str]) -> Any:
        """RFC 4616; the name is ignored."""
        return await self._judged(server, await type(server).auth_PLAIN(server, server, args))

    async def auth_LOGIN(self, server: Any, args: list[str]) -> Any:
        """The mechanism of older programs; the name is ignored."""
        return await self._judged(server, await type(server).auth_LOGIN(server, server, args))

    async def handle_MAIL(self, _server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """The sender is in the header; the envelope's sender is our own."""
        if not is_clean(address):
            return NO_ADDRESS
        try:
            is_allowed = await self._pool.run(lambda: self._submission.is_allowed(session.principal))
        except Unavailable:
            return DATABASE_UNREACHABLE
        if not is_allowed:
            return "450 4.7.1 Too many mails this minute"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:
        """Any recipient; addresses that the account may not mail are refused with the content."""
        if not is_clean(address) or "@" not in address:
            return NO_ADDRESS
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        """250 with the message id, once it is durable."""
        mail = SubmittedEnvelope(session.secret, tuple(envelope.rcpt_tos), envelope.content)
        return await self._pool.run(lambda: reply_for(lambda: self._submission.take(mail)))

    async def _judged(self, server: Any, auth_result: Any) -> Any:
        """Checks the credentials of a completed AUTH exchange; other outcomes have been replied to."""
        if not (isinstance(auth_result, AuthResult) and auth_result.success and isinstance(auth_result.auth_data, LoginPassword)):
            return auth_result
        if self._failures.are_too_many(server.peer):
            return AuthResult(success=False, handled=False, message=THROTTLED)
        secret = auth_result.auth_data.password.decode("utf-8", "replace").strip()
        try:
            server.session.principal = await self._pool.run(lambda: self._submission.login(secret))
        except Unavailable:
            return AuthResult(success=False, handled=False, message=DATABASE_UNREACHABLE)
        except Refusal:
            self._failures.note(server.peer)
            return AuthResult(success=False, handled=False, message=WRONG)
        server.session.secret = secret
        return AuthResult(success=True, handled=True)
