"""DMARC (RFC 9989): whether the domains proved by SPF and DKIM belong to the domain in From, and the policy of its owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from misarmail_server.external.dns_results import LookupResult, Question

DmarcWord = Literal["none", "pass", "fail", "temperror"]
DmarcPolicy = Literal["", "none", "quarantine", "reject"]
Ask = Callable[[Question], LookupResult]

MAX_STEPS = 8  # RFC 9989, section 4.10: the longest walk; longer names are shortened
TAG = re.compile(r"\s*([a-z]{1,10})\s*=\s*([^;]{0,300}?)\s*(?:;|\Z)", re.IGNORECASE)
POLICIES: dict[str, DmarcPolicy] = {"none": "none", "quarantine": "quarantine", "reject": "reject"}
TAGS = dict[str, str]


class DmarcResult(NamedTuple):
    """`policy` is what the owner of `domain` requests for mail that fails, empty if there is none."""

    result: DmarcWord
    policy: DmarcPolicy
    domain: str


class _Unknown(Exception):  # noqa: N818 - nobody could tell
    """The DNS did not reply."""


def check(ask: Ask, author_domain: str, proven_by_spf: str, proven_by_dkim: Iterable[str]) -> DmarcResult:
    """The result for the domain of From. `proven_by_spf` is the domain that passed SPF, or empty; DKIM may have proved several."""
    domain = author_domain.rstrip(".").lower()
    try:
        return _check(ask, domain, proven_by_spf.rstrip(".").lower(), [proven.rstrip(".").lower() for proven in proven_by_dkim])
    except _Unknown:
        return DmarcResult("temperror", "", domain)


def _check(ask: Ask, domain: str, by_spf: str, by_dkim: list[str]) -> DmarcResult:
    walked = _walk(ask, domain)
    owner = _organization(domain, walked)
    at = domain if domain in walked else owner
    tags = walked.get(at)
    if tags is None:
        return DmarcResult("none", "", domain)
    is_aligned = any(
        proven and _is_aligned(ask, proven, domain, owner, is_strict=tags.get(tag, "r").lower() == "s")
        for tag, proven_domains in (("aspf", [by_spf]), ("adkim", by_dkim))
        for proven in proven_domains
    )
    wanted = tags.get("p", "none") if at == domain else tags.get("sp", tags.get("p", "none"))
    policy = POLICIES.get(wanted.lower(), "none")
    return DmarcResult("pass" if is_aligned else "fail", "none" if tags.get("t", "n").lower() == "y" else policy, at)


def _is_aligned(ask: Ask, proven: str, domain: str, owner: str, *, is_strict: bool) -> bool:
    if proven == domain or is_strict:
        return proven == domain
    if proven == owner:
        return True
    return proven.endswith(f".{owner}") and _organization(proven, _walk(ask, proven)) == owner


def _walk(ask: Ask, domain: str) -> dict[str, TAGS]:
    """The policy records from a domain upwards, by name."""
    records: dict[str, TAGS] = {}
    for name in _steps(domain):
        tags = _tags(ask, name)
        if tags is not None:
            records[name] = tags
            if tags.get("psd", "u").lower() in {"y", "n"}:
                break
    return records


def _steps(domain: str) -> list[str]:
    labels = domain.split(".")
    longest = labels if len(labels) <= MAX_STEPS else labels[-(MAX_STEPS - 1) :]
    above = [".".join(longest[first:]) for first in range(len(longest))]
    return [domain, *[name for name in above if name != domain]][:MAX_STEPS]


def _organization(domain: str, walked: dict[str, TAGS]) -> str:
    """The organizational domain (RFC 9989, section 4.10.2); the domain itself if there is no record."""
    for name, tags in walked.items():
        psd = tags.get("psd", "u").lower()
        if psd == "n":
            return name
        if psd == "y" and name != domain:
            return ".".join(domain.split(".")[-(name.count(".") + 2) :])
    return min(walked, key=lambda name: name.count("."), default=domain)


def _tags(ask: Ask, name: str) -> TAGS | None:
    """The one policy record of a name, None if there is none or more than one."""
    result = ask(Question(f"_dmarc.{name}", "TXT"))
    if result.failure:
        raise _Unknown
    records = [value for value in result.values if re.match(r"v\s*=\s*DMARC1\s*(?:;|\Z)", value)]
    if len(records) != 1:
        return None
    return {match[1].lower(): match[2] for match in TAG.finditer(records[0][:2000])}
