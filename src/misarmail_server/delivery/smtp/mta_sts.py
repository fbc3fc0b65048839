"""MTA-STS (RFC 8461): a domain says over https which hosts take its mail, and that they have certificates that hold."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from misarmail_server.context import SECOND, now
from misarmail_server.delivery.smtp.policy_files import PolicyFiles, StoredPolicy
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.external import mta_sts
from misarmail_server.external.dns import look_up
from misarmail_server.external.lookup import Question

ASK_AGAIN_SECONDS = 300.0  # the TXT record says whether the policy changed
MAX_AGE = 31_557_600  # section 3.2: seconds, about a year
AGE_DIGITS = 10
MAX_LINES = 200
RECORD = re.compile(r"v=STSv1\s*;\s*id=([A-Za-z0-9]{1,32})\s*(?:;.*)?")


@dataclass(frozen=True, slots=True)
class MtaStsPolicy:
    """`mx` are hosts in lower case; `*.` stands for one label. `is_enforced`: a host that does not comply gets no mail."""

    is_enforced: bool
    mx: tuple[str, ...]
    max_age: int

    def allows(self, host: str) -> bool:
        """Whether it names this host (section 4.1)."""
        return host in self.mx or f"*.{host.partition('.')[2]}" in self.mx


@dataclass(frozen=True, slots=True)
class _CachedPolicy:
    id: str
    policy: MtaStsPolicy


class MtaStsPolicies:
    """Finds out policies and keeps each until its `max_age`, also while its domain cannot be asked and beyond this process.

    Safe to use from several threads.

    `trust` says which authorities vouch for the hosts of policies.
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
        """The domain's policy, None without one."""
        held = self._looked.get(domain, lambda: (self._renewed(domain), ASK_AGAIN_SECONDS))
        return held.policy if held else None

    def _renewed(self, domain: str) -> _CachedPolicy | None:
        """What holds now: what the domain says anew, else what it said before as long as that is good (section 5.1)."""
        held, id_ = self._kept(domain), self._id(domain)
        if id_ is None or (held and held.id == id_):
            return held
        text = mta_sts.fetch(domain, self._dns, self._trust, port=self._port, allows_private=self._allows_private)
        policy = parse(text) if text is not None else None
        if policy is None:
            return held
        self._held.put(domain, _CachedPolicy(id_, policy), policy.max_age)
        until = now() + policy.max_age * SECOND
        self._files.write(StoredPolicy(domain, id_, policy.is_enforced, policy.mx, policy.max_age, until))
        return self._held.peek(domain)

    def _kept(self, domain: str) -> _CachedPolicy | None:
        """What this process or one before it found out."""
        held = self._held.peek(domain)
        found = self._files.read(domain) if held is None else None
        if found is None:
            return held
        kept, seconds = found
        self._held.put(domain, _CachedPolicy(kept.id, MtaStsPolicy(kept.is_enforced, kept.mx, kept.max_age)), seconds)
        return self._held.peek(domain)

    def _id(self, domain: str) -> str | None:
        (found,) = look_up(self._dns, [Question(f"_mta-sts.{domain}", "TXT")])
        records = [value for value in found.values if value.startswith("v=STSv1")]
        matched = RECORD.fullmatch(records[0].strip()) if len(records) == 1 else None
        return matched[1] if matched else None


def parse(text: str) -> MtaStsPolicy | None:
    """The policy of a file (section 3.2), None when it is none."""
    pairs = [line.partition(":") for line in text.splitlines()[:MAX_LINES] if line.strip()]
    values = {key.strip(): value.strip() for key, _, value in reversed(pairs)}  # of a key given twice the first counts
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
