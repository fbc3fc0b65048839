"""Whether mail to an address would arrive: from how it is written, what its domain says of itself, and what is known of it.

What the DNS said of a domain is kept for a day. A domain it said nothing of is unknown, and asked about again.
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
from misarmail_server.external.lookup import LookupResult, Question
from misarmail_server.services import validate_known_addresses

NULL_MX = "0 ."  # RFC 7505: this domain takes no mail

Judgement = tuple[models.ValidationStatus, int]
MALFORMED: Judgement = ("invalid", 0)
UNREACHABLE: Judgement = ("invalid", 10)
DISPOSABLE: Judgement = ("risky", 20)
ROLE: Judgement = ("risky", 40)
MISTYPED: Judgement = ("risky", 50)
UNKNOWN: Judgement = ("unknown", 50)
FREE: Judgement = ("valid", 92)
GOOD: Judgement = ("valid", 95)


class Parts(NamedTuple):
    """A well-formed address. `domain` is in lower case and its xn-- form."""

    local: str
    domain: str


class Host(NamedTuple):
    """What is known of a domain: `takes_mail` None where nobody could tell."""

    takes_mail: bool | None
    checked_at: int


def check(ctx: DetachedContext, addresses: Sequence[str]) -> list[models.ValidationResult]:
    """What is known of each address, in their order. The DNS is asked once for each domain that was not asked about today."""
    parts = {address: _parts(address) for address in addresses}
    hosts = _hosts(ctx, {part.domain for part in parts.values() if part})
    return [_result(ctx, address, parts[address], hosts) for address in addresses]


def summary(results: Sequence[models.ValidationResult]) -> models.ValidationSummary:
    """How many there are of each status."""
    count = Counter(result.status for result in results)
    return models.ValidationSummary(
        total=len(results), valid=count["valid"], risky=count["risky"], invalid=count["invalid"], unknown=count["unknown"]
    )


def _parts(address: str) -> Parts | None:
    """None for what is not written as an address is."""
    # Its patterns take a tenth of a second to compile, which no start should wait for.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - see above

    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return Parts(found.local_part, found.ascii_domain.lower())


def _hosts(ctx: DetachedContext, domains: Collection[str]) -> dict[str, Host]:
    with ctx.reading() as unit:
        known = _kept(unit, domains)
    asked = [domain for domain in domains if domain not in known]
    if not asked:
        return known
    found = {domain: Host(takes_mail, ctx.now()) for domain, takes_mail in _look_up(ctx, asked).items()}
    told = {domain: host for domain, host in found.items() if host.takes_mail is not None}
    if told:
        ctx.writing(lambda unit: _keep(unit, told))
    return known | found


def _kept(ctx: Context, domains: Collection[str]) -> dict[str, Host]:
    host = tables.MailHost
    fresh = select(host.domain, host.takes_mail, host.checked_at).where(host.domain.in_(domains), host.checked_at > ctx.now() - DAY)
    return {row.domain: Host(row.takes_mail, row.checked_at) for row in ctx.connection.execute(fresh)}


def _keep(ctx: Context, found: dict[str, Host]) -> None:
    """Two that ask at once may both write; either is as good."""
    host = tables.MailHost
    ctx.connection.execute(delete(host).where(host.checked_at <= ctx.now() - DAY))
    for domain, one in sorted(found.items()):
        ctx.insert_new(host, {"domain": domain, "takes_mail": one.takes_mail, "checked_at": one.checked_at})


def _look_up(ctx: DetachedContext, domains: Sequence[str]) -> dict[str, bool | None]:
    """Whether each domain takes mail (RFC 5321, section 5.1): by its MX records, or where it has none by its own address."""
    server = ctx.settings.dns
    by_mx = dict(zip(domains, dns.look_up(server, [Question(domain, "MX") for domain in domains]), strict=True))
    bare = [one for one, found in by_mx.items() if found == LookupResult()]
    addresses = dns.look_up(server, [Question(one, kind) for one in bare for kind in ("A", "AAAA")])
    by_address = {one: _any(addresses[2 * place : 2 * place + 2]) for place, one in enumerate(bare)}
    return {one: by_address[one] if one in by_address else _by_mx(found) for one, found in by_mx.items()}


def _by_mx(found: LookupResult) -> bool | None:
    return None if found.failure else found.values != (NULL_MX,)


def _any(found: Sequence[LookupResult]) -> bool | None:
    if any(one.values for one in found):
        return True
    return None if any(one.failure for one in found) else False


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
    meant = validate_known_addresses.meant(parts.domain)
    status, score = _judge(checks, is_mistyped=meant is not None)
    suggestion = None if meant is None else f"{parts.local}@{meant}"
    return models.ValidationResult(
        email=address, status=status, score=score, checks=checks, suggestion=suggestion, checked_at=at(host.checked_at)
    )


def _judge(checks: models.ValidationChecks, *, is_mistyped: bool) -> Judgement:
    """The first that holds, the worst first."""
    judgements = (
        (checks.mx is False, UNREACHABLE),
        (checks.disposable, DISPOSABLE),
        (checks.mx is None, UNKNOWN),
        (checks.role_account, ROLE),
        (is_mistyped, MISTYPED),
        (checks.free_provider, FREE),
    )
    return next((judgement for holds, judgement in judgements if holds), GOOD)
