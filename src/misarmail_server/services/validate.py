"""Address validation: from the syntax of an address, the DNS of its domain, and lists of known domains.

DNS results are cached for a day. A domain without a DNS answer is unknown and is looked up again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import delete, select

from misarmail_contract import models
from misarmail_server.context import DAY, Context, DetachedContext, at
from misarmail_server.db import tables
from misarmail_server.external import dns
from misarmail_server.external.dns_results import LookupResult, Question
from misarmail_server.services import validate_known_addresses

NULL_MX = "0 ."  # RFC 7505: the domain accepts no mail

Verdict = tuple[models.ValidationStatus, int]
MALFORMED: Verdict = ("invalid", 0)
UNREACHABLE: Verdict = ("invalid", 10)
DISPOSABLE: Verdict = ("risky", 20)
ROLE: Verdict = ("risky", 40)
MISTYPED: Verdict = ("risky", 50)
UNKNOWN: Verdict = ("unknown", 50)
FREE: Verdict = ("valid", 92)
GOOD: Verdict = ("valid", 95)


class Parts(NamedTuple):
    """A well-formed address. `domain` is in lower case and its xn-- form."""

    local: str
    domain: str


class Host(NamedTuple):
    """The DNS result of a domain; `takes_mail` is None if the lookup failed."""

    takes_mail: bool | None
    checked_at: int


def check(ctx: DetachedContext, addresses: Sequence[str]) -> list[models.ValidationResult]:
    """Validate the addresses, in order. DNS is queried once for each domain that was not looked up today."""
    parts = {address: _parts(address) for address in addresses}
    hosts = _hosts(ctx, {part.domain for part in parts.values() if part})
    return [_result(ctx, address, parts[address], hosts) for address in addresses]


def summary(results: Sequence[models.ValidationResult]) -> models.ValidationSummary:
    """The number of results by status."""
    count = Counter(result.status for result in results)
    return models.ValidationSummary(
        total=len(results), valid=count["valid"], risky=count["risky"], invalid=count["invalid"], unknown=count["unknown"]
    )


def _parts(address: str) -> Parts | None:
    """None for a malformed address."""
    # Its patterns take a tenth of a second to compile, which no start should wait for.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - see above

    try:
        valid = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return Parts(valid.local_part, valid.ascii_domain.lower())


def _hosts(ctx: DetachedContext, domains: Collection[str]) -> dict[str, Host]:
    with ctx.reading() as unit:
        known = _cached(unit, domains)
    unknown = [domain for domain in domains if domain not in known]
    if not unknown:
        return known
    looked_up = {domain: Host(takes_mail, ctx.now()) for domain, takes_mail in _look_up(ctx, unknown).items()}
    resolved = {domain: host for domain, host in looked_up.items() if host.takes_mail is not None}
    if resolved:
        ctx.writing(lambda unit: _cache(unit, resolved))
    return known | looked_up


def _cached(ctx: Context, domains: Collection[str]) -> dict[str, Host]:
    host = tables.MailHost
    fresh = select(host.domain, host.takes_mail, host.checked_at).where(host.domain.in_(domains), host.checked_at > ctx.now() - DAY)
    return {row.domain: Host(row.takes_mail, row.checked_at) for row in ctx.connection.execute(fresh)}


def _cache(ctx: Context, hosts: dict[str, Host]) -> None:
    """Two concurrent calls may both write; either result is valid."""
    host = tables.MailHost
    ctx.connection.execute(delete(host).where(host.checked_at <= ctx.now() - DAY))
    for domain, result in sorted(hosts.items()):
        ctx.insert_new(host, {"domain": domain, "takes_mail": result.takes_mail, "checked_at": result.checked_at})


def _look_up(ctx: DetachedContext, domains: Sequence[str]) -> dict[str, bool | None]:
    """Whether each domain accepts mail (RFC 5321, section 5.1): by its MX records, or without any by its address records."""
    server = ctx.settings.dns
    by_mx = dict(zip(domains, dns.look_up(server, [Question(domain, "MX") for domain in domains]), strict=True))
    bare = [domain for domain, result in by_mx.items() if result == LookupResult()]
    addresses = dns.look_up(server, [Question(domain, kind) for domain in bare for kind in ("A", "AAAA")])
    by_address = {domain: _has_address(addresses[2 * index : 2 * index + 2]) for index, domain in enumerate(bare)}
    return {domain: by_address[domain] if domain in by_address else _by_mx(result) for domain, result in by_mx.items()}


def _by_mx(result: LookupResult) -> bool | None:
    return None if result.failure else result.values != (NULL_MX,)


def _has_address(results: Sequence[LookupResult]) -> bool | None:
    if any(result.values for result in results):
        return True
    return None if any(result.failure for result in results) else False


def _result(ctx: DetachedContext, address: str, parts: Parts | None, hosts: dict[str, Host]) -> models.ValidationResult:
    if parts is None:
        nothing = models.ValidationChecks(syntax=False, mx=None, smtp=None, disposable=False, role_account=False, free_provider=False)
        return models.ValidationResult(
            email=address, status=MALFORMED[0], score=MALFORMED[1], checks=nothing, suggestion=None, checked_at=at(ctx.now())
        )
    host = hosts[parts.domain]
    checks = models.ValidationChecks(
        syntax=True,
        mx=host.takes_mail,
        smtp=None,
        disposable=validate_known_addresses.is_disposable(parts.domain),
        role_account=validate_known_addresses.is_role(parts.local),
        free_provider=parts.domain in validate_known_addresses.FREE_PROVIDERS,
    )
    intended = validate_known_addresses.intended(parts.domain)
    status, score = _judge(checks, is_mistyped=intended is not None)
    suggestion = None if intended is None else f"{parts.local}@{intended}"
    return models.ValidationResult(
        email=address, status=status, score=score, checks=checks, suggestion=suggestion, checked_at=at(host.checked_at)
    )


def _judge(checks: models.ValidationChecks, *, is_mistyped: bool) -> Verdict:
    """The first verdict that applies, the worst first."""
    judgements = (
        (checks.mx is False, UNREACHABLE),
        (checks.disposable, DISPOSABLE),
        (checks.mx is None, UNKNOWN),
        (checks.role_account, ROLE),
        (is_mistyped, MISTYPED),
        (checks.free_provider, FREE),
    )
    return next((judgement for holds, judgement in judgements if holds), GOOD)
