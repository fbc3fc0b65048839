"""The hosts that take a domain's mail (RFC 5321, section 5.1; RFC 7505), and their addresses."""

from __future__ import annotations

import random
from dataclasses import dataclass

from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import LookupResult, Question
from misarmail_server.external.public_addresses import is_public

CACHE_SECONDS = 300.0
FAILURE_CACHE_SECONDS = 30.0
MAX_HOSTS = 5
MAX_ADDRESSES = 4  # of a host
NULL_MX = "0 ."

DNS_FAILED = Outcome("deferred", None, "The DNS did not say where mail to this domain goes")
NO_MAIL_SERVER = Outcome("bounced", None, "The domain has no mail server")
NULL_MX_REFUSAL = Outcome("bounced", 556, "The domain takes no mail (null MX)", is_hard=True)
MAIL_LOOP = Outcome("bounced", None, "The domain's mail would come back to this server")


@dataclass(frozen=True, slots=True)
class MxRoute:
    """A domain's hosts with their preference; `is_secure`: the answer was validated by DNSSEC."""

    hosts: tuple[tuple[int, str], ...]
    is_secure: bool

    @property
    def first(self) -> str:
        """The host that stands for the whole domain."""
        return min(self.hosts)[1]

    def ordered(self) -> list[str]:
        """The hosts to try: by preference, in random order among equals, up to a maximum."""
        drawn = sorted(self.hosts, key=lambda host: (host[0], random.random()))  # noqa: S311 - spreads load
        return [host for _, host in drawn[:MAX_HOSTS]]


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """A host's addresses, IPv4 first; `is_secure` as in MxRoute."""

    addresses: tuple[str, ...]
    is_secure: bool


class MxResolver:
    """Looks up routes and caches them. `hostname` is the name of this server."""

    def __init__(self, dns: tuple[str, int] | None, hostname: str, *, allows_private: bool) -> None:
        self._dns = dns
        self._hostname = hostname.lower()
        self._allows_private = allows_private
        self._routes: TtlCache[MxRoute | Outcome] = TtlCache()
        self._located: TtlCache[HostAddresses] = TtlCache()

    def find(self, domain: str) -> MxRoute | Outcome:
        """The domain's hosts, or the outcome of mail for it."""
        return self._routes.get(domain.lower(), lambda: self._look_up(domain.lower()))

    def locate(self, host: str) -> HostAddresses:
        """The host's addresses that may be connected to."""
        return self._located.get(host, lambda: self._addresses(host))

    def _look_up(self, domain: str) -> tuple[MxRoute | Outcome, float]:
        (result,) = look_up(self._dns, [Question(domain, "MX")])
        if result.failure:
            return DNS_FAILED, FAILURE_CACHE_SECONDS
        return (self._route(result) if result.values else self._implicit(domain, result)), CACHE_SECONDS

    def _route(self, result: LookupResult) -> MxRoute | Outcome:
        if result.values == (NULL_MX,):
            return NULL_MX_REFUSAL
        hosts = [(int(preference), host) for preference, _, host in (value.partition(" ") for value in result.values) if host.strip(".")]
        ours = min((preference for preference, host in hosts if host == self._hostname), default=None)
        if ours is not None:  # hosts of the same preference as this server or worse would send the mail back
            hosts = [host for host in hosts if host[0] < ours]
            return MxRoute(tuple(hosts), result.is_secure) if hosts else MAIL_LOOP
        return MxRoute(tuple(hosts), result.is_secure) if hosts else NO_MAIL_SERVER

    def _implicit(self, domain: str, result: LookupResult) -> MxRoute | Outcome:
        """A domain without MX records is its own mail server, if it has an address."""
        answers = look_up(self._dns, [Question(domain, "A"), Question(domain, "AAAA")])
        if any(answer.values for answer in answers):
            return MxRoute(((0, domain),), result.is_secure)
        return DNS_FAILED if any(answer.failure for answer in answers) else NO_MAIL_SERVER

    def _addresses(self, host: str) -> tuple[HostAddresses, float]:
        answers = look_up(self._dns, [Question(host, "A"), Question(host, "AAAA")])
        usable = [value for answer in answers for value in answer.values[:MAX_ADDRESSES] if self._allows_private or is_public(value)]
        is_known = bool(usable) or not any(answer.failure for answer in answers)
        located = HostAddresses(tuple(usable), all(answer.is_secure for answer in answers if answer.values))
        return located, CACHE_SECONDS if is_known else FAILURE_CACHE_SECONDS
