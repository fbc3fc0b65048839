"""Direct delivery: to the hosts of the domain's MX records, with the security that they require."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass

from misarmail_server.delivery.envelope import BeforeDot, Envelope
from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.outcomes import Outcome, clean, unsendable
from misarmail_server.delivery.smtp.client import RefusedError, SmtpClient, UnsafeError, describe_error
from misarmail_server.delivery.smtp.connect import Connector
from misarmail_server.delivery.smtp.connection_pool import ConnectionKey, ConnectionPool
from misarmail_server.delivery.smtp.mta_sts import MtaStsPolicies, MtaStsPolicy
from misarmail_server.delivery.smtp.mx_routes import MxResolver, MxRoute
from misarmail_server.delivery.smtp.throttle import Throttle
from misarmail_server.delivery.smtp.tls_policy import ConnectionSecurity, NotAllowedError, SecurityPolicies
from misarmail_server.delivery.smtp.transaction import StaleError, on_the_wire, transact
from misarmail_server.external.mta_sts_fetch import HTTPS_PORT
from misarmail_server.setting_types.shaping import Limits, ShapingRules, load
from misarmail_server.settings import Settings


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A mail with what it needs at every host."""

    mail: Envelope
    limits: Limits
    before_dot: BeforeDot
    until: float


class DirectTransport:
    """One instance for all threads; one provider may occupy half of them.

    `trust` are the authorities for receivers' certificates, `policy_port` is where their policies are served; tests change both.
    """

    def __init__(
        self,
        settings: Settings,
        threads: int,
        *,
        dialogue_seconds: float,
        trust: ssl.SSLContext | None = None,
        policy_port: int = HTTPS_PORT,
    ) -> None:
        trust = trust or ssl.create_default_context()
        allows_private = settings.allows_private_targets
        self._rules: ShapingRules = load(settings.shaping)
        self._shaper = Throttle(most=max(1, threads // 2), share=max(1, settings.workers))
        self._routes = MxResolver(settings.dns, settings.hostname, allows_private=allows_private)
        self._policies = MtaStsPolicies(settings.dns, trust, policy_port, folder=settings.policies, allows_private=allows_private)
        self._safeties = SecurityPolicies(settings.dns, settings.smtp_port, trust)
        self._dialler = Connector(settings.hostname, settings.smtp_port)
        self._connections = ConnectionPool()
        self._dialogue_seconds = dialogue_seconds

    def deliver(self, mail: Envelope, before_dot: BeforeDot) -> Outcome:
        """Try the domain's hosts in turn, until one has replied about the mail."""
        try:
            envelope = on_the_wire(mail)
        except Unsendable as error:
            return unsendable(error)
        domain = envelope.recipient.rpartition("@")[2].lower()
        route = self._routes.find(domain)
        if isinstance(route, Outcome):
            return route
        limits = self._rules.of_host(route.first)
        turn = self._shaper.admit(limits)
        if isinstance(turn, Outcome):
            return turn
        outcome: Outcome | None = None
        try:
            job = _Attempt(envelope, limits, before_dot, time.monotonic() + self._dialogue_seconds)
            outcome = self._try_hosts(job, route, domain)
        finally:
            self._shaper.done(turn, outcome)
        return outcome

    def close(self) -> None:
        """Close idle connections."""
        self._connections.close_idle()

    def _try_hosts(self, job: _Attempt, route: MxRoute, domain: str) -> Outcome:
        policy = self._policies.of(domain)
        outcome = Outcome("deferred", None, "None of the domain's mail servers could be talked to")
        for host in route.ordered():
            try:
                return self._try_host(job, host, self._safety(host, route, policy, domain))
            except NotAllowedError as error:
                outcome = Outcome("deferred", None, clean(f"{host} must not be used: {error}"))
            except UnsafeError as error:
                outcome = Outcome("deferred", None, clean(f"{host} cannot be used: {error}"))
            except RefusedError as error:
                outcome = Outcome("deferred", error.reply.code, clean(f"{host} refused us: {error.reply.text.decode('utf-8', 'replace')}"))
            except OSError as error:
                outcome = Outcome("deferred", None, clean(f"{host} cannot be used: {describe_error(error)}"))
            if time.monotonic() >= job.until:
                break
        return outcome

    def _safety(self, host: str, route: MxRoute, policy: MtaStsPolicy | None, domain: str) -> ConnectionSecurity:
        return self._safeties.of(host, self._routes.locate(host), policy, domain, is_secure=route.is_secure)

    def _try_host(self, job: _Attempt, host: str, safety: ConnectionSecurity) -> Outcome:
        """One transaction, on an idle connection or a new one. Raises OSError and the like if this host cannot be used."""
        key = ConnectionKey(job.limits.provider, host, safety.name, job.mail.source)
        waiting = self._connections.take(key, job.until)
        if waiting is not None:
            try:
                return self._transact(job, waiting, key)
            except StaleError:
                pass  # the host closed it between two mails; use a new connection
        self._connections.make_room(key.provider, self._shaper.connections(job.limits))
        try:
            client = self._dialler.dial(self._routes.locate(host).addresses, safety, job.mail.source, job.until)
        except BaseException:
            self._connections.cancel(key.provider)
            raise
        return self._transact(job, client, key)

    def _transact(self, job: _Attempt, client: SmtpClient, key: ConnectionKey) -> Outcome:
        is_done = False
        try:
            outcome = transact(client, job.mail, job.before_dot)
            is_done = True
        finally:
            if not is_done:
                self._connections.close(client, key, politely=False)
        if client.is_spent or client.mails >= job.limits.messages_per_connection:
            self._connections.close(client, key)
        else:
            self._connections.put(client, key)
        return outcome
