"""Sender Policy Framework (RFC 7208): whether an address may send mail for a domain. The number of look-ups is limited."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from misarmail_server.external.dns_results import LookupResult, Question
from misarmail_server.received.auth import macros

SpfWord = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Ask = Callable[[Question], LookupResult]

MAX_LOOKUPS = 10  # RFC 7208, section 4.6.4
MAX_VOIDS = 2
MAX_NAMES = 10
MAX_RECORD_LENGTH = 4_000

QUALIFIERS: dict[str, SpfWord] = {"+": "pass", "-": "fail", "?": "neutral", "~": "softfail"}
MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
DIRECTIVE = re.compile(r"([+?~-]?)([a-z0-9]+)(?::(\S+?))?(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?", re.IGNORECASE)
NETWORK = re.compile(r"([+?~-]?)(ip[46]):([0-9a-f.:]+(?:/(?:0|[1-9]\d{0,2}))?)", re.IGNORECASE)
# A domain ends with a label that is not a number, or with a macro (RFC 7208, section 7.1).
TARGET = re.compile(r"(?:[!-~]*\.(?!\d+\.?\Z)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.?|[!-~]*%\{[^}]*\})", re.IGNORECASE)
DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[ -\-/-~]{1,63}\.)+[a-z0-9-]{1,63}", re.IGNORECASE)


class SpfResult(NamedTuple):
    """`domain` is the domain whose policy was evaluated."""

    result: SpfWord
    domain: str


class _Stop(Exception):  # noqa: N818 - the evaluation ends with a result
    def __init__(self, result: SpfWord) -> None:
        super().__init__(result)
        self.result = result


class _Term(NamedTuple):
    qualifier: SpfWord
    mechanism: str
    value: str
    bits4: int
    bits6: int


def check(ask: Ask, ip: str, helo: str, mail_from: str) -> SpfResult:
    """The result for MAIL FROM, or for HELO if that is empty, as in a bounce."""
    sender = mail_from if "@" in mail_from else f"postmaster@{mail_from or helo}"
    domain = sender.rpartition("@")[2].rstrip(".").lower()
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return SpfResult("none", domain)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    try:
        return SpfResult(_Evaluation(ask, address, sender, helo).of(domain), domain)
    except _Stop as stopped:
        return SpfResult(stopped.result, domain)


class _Evaluation:
    """One evaluation, with its number of look-ups."""

    def __init__(self, ask: Ask, address: IpAddress, sender: str, helo: str) -> None:
        self._ask, self._address, self._sender, self._helo = ask, address, sender, helo
        self._lookups = self._voids = 0

    def of(self, domain: str) -> SpfWord:
        """The result of a domain's policy. Raises _Stop for a broken one."""
        record = self._record(domain)
        if record is None:
            return "none"
        terms, redirect = _parsed(record)
        for term in terms:
            if self._matches(term, domain):
                return term.qualifier
        if not redirect:
            return "neutral"
        self._count()
        result = self.of(self._expanded(redirect, domain))
        return "permerror" if result == "none" else result

    def _record(self, domain: str) -> str | None:
        if not DOMAIN.fullmatch(domain):
            return None
        result = self._ask(Question(domain, "TXT"))
        if result.failure:
            raise _Stop("temperror")
        records = [value for value in result.values if value.lower() == "v=spf1" or value.lower().startswith("v=spf1 ")]
        if len(records) > 1:
            raise _Stop("permerror")
        if records and not re.fullmatch(r"[ -~]*", records[0]):
            raise _Stop("permerror")
        return records[0][:MAX_RECORD_LENGTH] if records else None

    def _matches(self, term: _Term, domain: str) -> bool:
        if term.mechanism == "all":
            return True
        if term.mechanism in {"ip4", "ip6"}:
            return self._address in ipaddress.ip_network(term.value, strict=False)
        self._count()
        return self._asks(term, self._expanded(term.value, domain) if term.value else domain)

    def _asks(self, term: _Term, target: str) -> bool:
        """The mechanisms that need a look-up."""
        match term.mechanism:
            case "include":
                return self._includes(target)
            case "a":
                return self._is_within(self._addresses(target), term)
            case "mx":
                return self._is_mail_host(target, term)
            case "exists":
                return bool(self._values(target, "A"))
            case _:
                return self._is_named(target)

    def _includes(self, domain: str) -> bool:
        result = self.of(domain)
        if result == "none":
            raise _Stop("permerror")
        return result == "pass"

    def _is_mail_host(self, domain: str, term: _Term) -> bool:
        hosts = [value.rpartition(" ")[2] for value in self._values(domain, "MX")]
        if len(hosts) > MAX_NAMES:
            raise _Stop("permerror")
        return any(self._is_within(self._addresses(host), term) for host in hosts if host != ".")

    def _is_named(self, domain: str) -> bool:
        """`ptr`: the address has a name below the domain that resolves to the address."""
        reverse = self._ask(Question(self._address.reverse_pointer, "PTR"))
        names = [value for value in reverse.values[:MAX_NAMES] if f".{value}".endswith(f".{domain.lower()}")]
        kind = "A" if self._address.version == 4 else "AAAA"  # noqa: PLR2004 - the version of IP
        return any(str(self._address) in self._ask(Question(name, kind)).values for name in names)

    def _addresses(self, host: str) -> tuple[str, ...]:
        return self._values(host, "A" if self._address.version == 4 else "AAAA")  # noqa: PLR2004 - the version of IP

    def _is_within(self, addresses: tuple[str, ...], term: _Term) -> bool:
        bits = term.bits4 if self._address.version == 4 else term.bits6  # noqa: PLR2004 - the version of IP
        return any(self._address in ipaddress.ip_network(f"{address}/{bits}", strict=False) for address in addresses)

    def _values(self, name: str, kind: str) -> tuple[str, ...]:
        """Records of a name; too many empty results break the policy."""
        if not DOMAIN.fullmatch(name):
            return ()
        result = self._ask(Question(name, kind))
        if result.failure:
            raise _Stop("temperror")
        self._voids += not result.values
        if self._voids > MAX_VOIDS:
            raise _Stop("permerror")
        return result.values

    def _count(self) -> None:
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            raise _Stop("permerror")

    def _expanded(self, text: str, domain: str) -> str:
        try:
            return macros.expand(text, macros.MacroValues(self._sender, self._address, self._helo), domain)
        except ValueError:
            raise _Stop("permerror") from None


def _parsed(record: str) -> tuple[list[_Term], str]:
    """The mechanisms in order and the redirect. Raises _Stop if one of them is invalid: a broken policy counts as a whole."""
    terms: list[_Term] = []
    redirects: list[str] = []
    explanations: list[str] = []
    for word in record.split()[1:]:
        modifier = MODIFIER.fullmatch(word)
        if not modifier:
            terms.append(_term(word))
        elif modifier[1].lower() == "redirect":
            redirects.append(modifier[2])
        elif modifier[1].lower() == "exp":
            explanations.append(modifier[2])
        elif not macros.is_sound(modifier[2]):
            raise _Stop("permerror")
    if len(redirects) > 1 or len(explanations) > 1 or not all(map(_is_target, redirects + explanations)):
        raise _Stop("permerror")
    has_all = any(term.mechanism == "all" for term in terms)
    return terms, redirects[0] if redirects and not has_all else ""


def _term(word: str) -> _Term:
    network = NETWORK.fullmatch(word)
    if network:
        return _Term(QUALIFIERS[network[1] or "+"], network[2].lower(), _network(network[3], network[2][-1]), 32, 128)
    match = DIRECTIVE.fullmatch(word)
    if not match:
        raise _Stop("permerror")
    bits4, bits6 = int(match[4] or 32), int(match[5] or 128)
    term = _Term(QUALIFIERS[match[1] or "+"], match[2].lower(), match[3] or "", bits4, bits6)
    if not _is_well_formed(term, has_bits=bool(match[4] or match[5])):
        raise _Stop("permerror")
    return term


def _is_target(text: str) -> bool:
    return bool(TARGET.fullmatch(text)) and macros.is_sound(text)


def _is_well_formed(term: _Term, *, has_bits: bool) -> bool:
    if term.value and not _is_target(term.value):
        return False
    match term.mechanism:
        case "all":
            return not term.value and not has_bits
        case "include" | "exists":
            return bool(term.value) and not has_bits
        case "ptr":
            return not has_bits
        case "a" | "mx":
            return term.bits4 <= 32 and term.bits6 <= 128  # noqa: PLR2004 - bits of an address
        case _:
            return False


def _network(text: str, version: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _Stop("permerror") from None
    if str(network.version) != version:
        raise _Stop("permerror")
    return text
