"""How safe the connection to a receiver's host must be.

DANE where DNSSEC says so (RFC 7672), else MTA-STS where the domain says so (RFC 8461), else as safe as the host offers (RFC 7435).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import partial

from misarmail_server.delivery.smtp import dane
from misarmail_server.delivery.smtp.client import Tls
from misarmail_server.delivery.smtp.mta_sts import MtaStsPolicy
from misarmail_server.delivery.smtp.routes import CACHE_SECONDS, FAILURE_CACHE_SECONDS, HostAddresses
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.external.dns import look_up
from misarmail_server.external.lookup import LookupResult, Question


class NotAllowedError(Exception):
    """The receiver's own policy forbids this host; the message says which."""


@dataclass(frozen=True, slots=True)
class ConnectionSecurity:
    """`name` is the same for connections that are as safe. `may_be_plain`: in the clear rather than not at all."""

    name: str
    tls: Tls
    may_be_plain: bool


class SecurityPolicies:
    """Judges hosts. `trust` says which authorities vouch for certificates under MTA-STS. Safe to use from several threads."""

    def __init__(self, dns: tuple[str, int] | None, port: int, trust: ssl.SSLContext) -> None:
        self._dns = dns
        self._port = port
        self._trust = trust
        self._any = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._any.check_hostname = False
        self._any.verify_mode = ssl.CERT_NONE
        self._records: TtlCache[LookupResult] = TtlCache()

    def of(self, host: str, located: HostAddresses, policy: MtaStsPolicy | None, domain: str, *, is_secure: bool) -> ConnectionSecurity:
        """What a connection to this host of the domain needs; `is_secure`: DNSSEC vouches for the host's being the domain's.

        Raises NotAllowedError.
        """
        if is_secure and located.is_secure and (records := self._tlsa(host)):
            check = partial(dane.check, records=records, names=(host, domain))
            # Below a trust anchor the certificate may bear the domain's name instead of the host's, which says nothing for other domains.
            name = f"dane {domain}" if any(record.usage == dane.TRUST_ANCHOR for record in records) else "dane"
            return ConnectionSecurity(name, Tls(self._any, host, is_required=True, check=check), may_be_plain=False)
        if policy and policy.is_enforced:
            if not policy.allows(host):
                raise NotAllowedError("the domain's MTA-STS policy does not name it")
            return ConnectionSecurity("sts", Tls(self._trust, host, is_required=True), may_be_plain=False)
        return ConnectionSecurity("any", Tls(self._any, host), may_be_plain=True)

    def _tlsa(self, host: str) -> list[dane.Tlsa]:
        """The host's TLSA records, if DNSSEC vouches for them. Raises NotAllowedError when nobody could tell (RFC 7672, section 2.1.2)."""
        found = self._records.get(host, lambda: self._ask(host))
        if found.failure:
            raise NotAllowedError("its TLSA records cannot be looked up")
        return dane.parse(found.values) if found.is_secure else []

    def _ask(self, host: str) -> tuple[LookupResult, float]:
        (found,) = look_up(self._dns, [Question(f"_{self._port}._tcp.{host}", "TLSA")])
        return found, FAILURE_CACHE_SECONDS if found.failure else CACHE_SECONDS
