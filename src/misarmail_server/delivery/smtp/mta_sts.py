"""MTA-STS (RFC 8461): a domain publishes over https which hosts take its mail, with valid certificates."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from misarmail_server.context import SECOND, now
from misarmail_server.delivery.smtp.mta_sts_cache import PolicyFiles, StoredPolicy
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.external import mta_sts_fetch
from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import Question

ASK_AGAIN_SECONDS = 300.0  # the TXT record tells whether the policy changed
MAX_AGE = 31_557_600  # section 3.2: seconds, about a year
AGE_DIGITS = 10
MAX_LINES = 200
RECORD = re.compile(r"v=STSv1\s*;\s*id=([A-Za-z0-9]{1,32})\s*(?:;.*)?")


@dataclass(frozen=True, slots=True)
class MtaStsPolicy:
    """`mx` are host names in lower case; `*.` matches one label. `is_enforced`: hosts that do not comply get no mail."""

    is_enforced: bool
    mx: tuple[str, ...]
    max_age: int

    def allows(self, host: str) -> bool:
        """Whether the policy names this host (section 4.1)."""
        return host in self.mx or f"*.{host.partition('.')[2]}" in self.mx


@dataclass(frozen=True, slots=True)
class _CachedPolicy:
    id: str
    policy: MtaStsPolicy


class MtaStsPolicies:
    """Fetches policies and caches each until its `max_age`, also while its domain is unreachable and across restarts. Thread-safe.

    `trust` are the authorities for the certificates of policy hosts.
    """

    def __init__(self, dns: tuple[str, int] | None, trust: ssl.SSLContext, port: int, *, folder: Path, allows_private: bool) -> None:
        self._dns = dns
        self._allows_private = allows_private
        self._trust = trust
        self._port = port
        self._looked: TtlCache[_CachedPolicy | None] = TtlCache()
        self._held: TtlCache[_CachedPolicy] = TtlCache()
        self._files = PolicyFiles(folder)

    def of(self, domain: str) -> MtaStsPolicy | None:
        """The domain's policy, None if it has none."""
        held = self._looked.get(domain, lambda: (self._renewed(domain), ASK_AGAIN_SECONDS))
        return held.policy if held else None

    def _renewed(self, domain: str) -> _CachedPolicy | None:
        """The policy in force: the domain's current one, else the cached one as long as it is valid (section 5.1)."""
        held, id_ = self._kept(domain), self._id(domain)
        if id_ is None or (held and held.id == id_):
            return held
        text = mta_sts_fetch.fetch(domain, self._dns, self._trust, port=self._port, allows_private=self._allows_private)
        policy = parse(text) if text is not None else None
        if policy is None:
            return held
        self._held.put(domain, _CachedPolicy(id_, policy), policy.max_age)
        until = now() + policy.max_age * SECOND
        self._files.write(StoredPolicy(domain, id_, policy.is_enforced, policy.mx, policy.max_age, until))
        return self._held.peek(domain)

    def _kept(self, domain: str) -> _CachedPolicy | None:
        """The policy that this process or an earlier one fetched."""
        held = self._held.peek(domain)
        stored = self._files.read(domain) if held is None else None
        if stored is None:
            return held
        kept, seconds = stored
        self._held.put(domain, _CachedPolicy(kept.id, MtaStsPolicy(kept.is_enforced, kept.mx, kept.max_age)), seconds)
        return self._held.peek(domain)

    def _id(self, domain: str) -> str | None:
        (result,) = look_up(self._dns, [Question(f"_mta-sts.{domain}", "TXT")])
        records = [value for value in result.values if value.startswith("v=STSv1")]
        matched = RECORD.fullmatch(records[0].strip()) if len(records) == 1 else None
        return matched[1] if matched else None


def parse(text: str) -> MtaStsPolicy | None:
    """The policy in a file (section 3.2), None if it is invalid."""
    pairs = [line.partition(":") for line in text.splitlines()[:MAX_LINES] if line.strip()]
    values = {key.strip(): value.strip() for key, _, value in reversed(pairs)}  # the first of duplicate keys counts
    hosts = tuple(value.strip().lower().removesuffix(".") for key, _, value in pairs if key.strip() == "mx")
    mode, age = values.get("mode"), values.get("max_age", "")
    if (
        values.get("version") != "STSv1"
        or mode not in {"enforce", "testing", "none"}
        or not (age.isascii() and age.isdecimal() and len(age) <= AGE_DIGITS)
    ):
        return None
    if not hosts and mode != "none":
        return None
    return MtaStsPolicy(mode == "enforce", hosts, min(int(age), MAX_AGE))
