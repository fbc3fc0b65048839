"""The security that a connection to a receiver's host must have.

DANE if DNSSEC requires it (RFC 7672), else MTA-STS if the domain requires it (RFC 8461), else opportunistic TLS (RFC 7435).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import partial

from misarmail_server.delivery.smtp import dane
from misarmail_server.delivery.smtp.client import Tls
from misarmail_server.delivery.smtp.mta_sts import MtaStsPolicy
from misarmail_server.delivery.smtp.mx_routes import CACHE_SECONDS, FAILURE_CACHE_SECONDS, HostAddresses
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import LookupResult, Question


class NotAllowedError(Exception):
    """The receiver's own policy forbids this host; the message says which policy."""


@dataclass(frozen=True, slots=True)
class ConnectionSecurity:
    """`name` is equal for connections of equal security. `may_be_plain`: unencrypted rather than not at all."""

    name: str
    tls: Tls
    may_be_plain: bool


class SecurityPolicies:
    """Decides the security of hosts. `trust` are the authorities for certificates under MTA-STS. Thread-safe."""

    def __init__(self, dns: tuple[str, int] | None, port: int, trust: ssl.SSLContext) -> None:
        self._dns = dns
        self._port = port
        self._trust = trust
        self._any = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._any.check_hostname = False
        self._any.verify_mode = ssl.CERT_NONE
        self._records: TtlCache[LookupResult] = TtlCache()

    def of(self, host: str, located: HostAddresses, policy: MtaStsPolicy | None, domain: str, *, is_secure: bool) -> ConnectionSecurity:
        """The security for a host of the domain; `is_secure`: DNSSEC validated that the host belongs to the domain.

        Raises NotAllowedError.
        """
        if is_secure and located.is_secure and (records := self._tlsa(host)):
            check = partial(dane.check, records=records, names=(host, domain))
            # Below a trust anchor the certificate may have the domain's name instead of the host's, which does not hold for other domains.
            name = f"dane {domain}" if any(record.usage == dane.TRUST_ANCHOR for record in records) else "dane"
            return ConnectionSecurity(name, Tls(self._any, host, is_required=True, check=check), may_be_plain=False)
        if policy and policy.is_enforced:
            if not policy.allows(host):
                raise NotAllowedError("the domain's MTA-STS policy does not name it")
            return ConnectionSecurity("sts", Tls(self._trust, host, is_required=True), may_be_plain=False)
        return ConnectionSecurity("any", Tls(self._any, host), may_be_plain=True)

    def _tlsa(self, host: str) -> list[dane.Tlsa]:
        """The host's TLSA records, if validated by DNSSEC. Raises NotAllowedError if the look-up failed (RFC 7672, section 2.1.2)."""
        result = self._records.get(host, lambda: self._ask(host))
        if result.failure:
            raise NotAllowedError("its TLSA records cannot be looked up")
        return dane.parse(result.values) if result.is_secure else []

    def _ask(self, host: str) -> tuple[LookupResult, float]:
        (result,) = look_up(self._dns, [Question(f"_{self._port}._tcp.{host}", "TLSA")])
        return result, FAILURE_CACHE_SECONDS if result.failure else CACHE_SECONDS
