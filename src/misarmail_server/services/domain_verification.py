"""Verifying a domain: its records are looked up, judged, and what they amount to is stored with what follows from it.

A look-up that nobody answered changes nothing. Who has a name is decided by the primary key of `verified_domains`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select, update

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext
from misarmail_server.db import tables
from misarmail_server.external import dns
from misarmail_server.external.lookup import LookupResult, Question
from misarmail_server.services import domain_dkim_keys, domain_dns_records, domains
from misarmail_server.services.domain_dns_records import Purpose, Status


class DnsObservations(NamedTuple):
    """What the DNS said: of each key by selector, of the other records by purpose."""

    keys: dict[str, LookupResult]
    records: dict[Purpose, LookupResult]


class Verified(NamedTuple):
    """The domain after it was looked up, and what was seen."""

    domain: models.Domain
    checks: models.DnsObservations


def verify(ctx: DetachedContext, id_: str) -> Verified:
    """Look a domain's records up and store what they amount to.

    Raises NotFound, Conflict("domain_taken") where another account has verified the name and `proof` does not say that it is this one's.
    """
    with ctx.reading() as unit:
        name = unit.get(tables.Domain, id_, "domain").name
        hosts = {key.selector: domain_dkim_keys.host(key, name) for key in domains.keys_of(unit, id_)}
    seen = _look_up(ctx, name, hosts)
    return ctx.writing(lambda unit: _store(unit, id_, name, seen))


def _look_up(ctx: DetachedContext, name: str, hosts: dict[str, str]) -> DnsObservations:
    records = domain_dns_records.wanted(ctx.settings, ctx.account_id, name)
    questions = [*(Question(host, "TXT") for host in hosts.values()), *(Question(record.host, record.type) for record in records.values())]
    found = dns.look_up(ctx.settings.dns, questions)
    return DnsObservations(dict(zip(hosts, found, strict=False)), dict(zip(records, found[len(hosts) :], strict=True)))


def _store(ctx: Context, id_: str, name: str, seen: DnsObservations) -> Verified:
    held = _held(ctx, name)
    row = ctx.lock(tables.Domain, id_, "domain")
    keys = domains.keys_of(ctx, id_)
    _judge_keys(row, keys, seen)
    _judge_records(ctx, row, seen)
    row.checked_at = ctx.now()
    is_proven = seen.records["proof"].failure is None and row.proof_status == "valid"
    if held is not None and held.account_id != ctx.account_id and not is_proven:
        raise domains.taken(ctx, name)
    if row.dkim_status == row.spf_status == "valid":
        _win(ctx, row, held, is_proven=is_proven)
    elif row.state == "verified":
        _lose(ctx, row, held)
    ctx.db.flush()
    return Verified(domains.to_model(ctx, row), _checks(row, domains.keys_of(ctx, id_), seen))


def _held(ctx: Context, name: str) -> tables.VerifiedDomain | None:
    """Who has verified the name; locked, and always before the row of a domain."""
    return ctx.db.scalar(select(tables.VerifiedDomain).where(tables.VerifiedDomain.name == name).with_for_update())


def _judge_keys(row: tables.Domain, keys: Sequence[tables.DkimKey], seen: DnsObservations) -> None:
    """A key that is seen begins to sign, and the older ones of its algorithm have done their work."""
    for key in keys:
        found = seen.keys.get(key.selector, LookupResult(failure="timeout"))
        if found.failure is None:
            key.record_status = _key_status(key, found)
        if key.record_status == "valid" and key.state == "pending":
            key.state = "active"
            _retire([one for one in keys if one.algorithm == key.algorithm and one.generation < key.generation])
    live = [key for key in keys if key.state != "retired"]
    is_seen = any(key.record_status == "valid" for key in live)
    row.dkim_status = "valid" if is_seen else domains.newest(live, "rsa").record_status


def _key_status(key: tables.DkimKey, found: LookupResult) -> Status:
    if any(domain_dkim_keys.publishes(text, key) for text in found.values):
        return "valid"
    return "invalid" if found.values else "missing"


def _retire(keys: Sequence[tables.DkimKey]) -> None:
    for key in keys:
        key.state, key.private_key = "retired", None


def _judge_records(ctx: Context, row: tables.Domain, seen: DnsObservations) -> None:
    for purpose, record in domain_dns_records.wanted(ctx.settings, ctx.account_id, row.name).items():
        found = seen.records[purpose]
        if found.failure is None:
            setattr(row, f"{purpose}_status", domain_dns_records.judge(purpose, record, found.values))


def _win(ctx: Context, row: tables.Domain, held: tables.VerifiedDomain | None, *, is_proven: bool) -> None:
    """The name is this account's, and it may send from it. Raises Conflict("domain_taken") when another was quicker."""
    if held is None:
        is_first = ctx.insert_new(tables.VerifiedDomain, {"name": row.name, "domain_id": row.id, "account_id": ctx.account_id})
        held = None if is_first else _held(ctx, row.name)
        if not is_first and held is None:
            raise domains.taken(ctx, row.name)
    if held is not None and held.account_id != ctx.account_id:
        if not is_proven:
            raise domains.taken(ctx, row.name)
        _take_over(ctx, row, held)
    if row.state != "verified":
        row.state, row.verified_at = "verified", ctx.now()


def _take_over(ctx: Context, row: tables.Domain, held: tables.VerifiedDomain) -> None:
    """The one place that changes another account's rows: the DNS says that the name is not its any more."""
    ctx.connection.execute(update(tables.Domain).where(tables.Domain.id == held.domain_id).values(state="failed"))
    held.domain_id, held.account_id = row.id, ctx.account_id


def _lose(ctx: Context, row: tables.Domain, held: tables.VerifiedDomain | None) -> None:
    """The records are gone: nobody may send from the name until they are back."""
    row.state = "failed"
    if held is not None:
        ctx.db.delete(held)


def _checks(row: tables.Domain, keys: Sequence[tables.DkimKey], seen: DnsObservations) -> models.DnsObservations:
    rsa, edwards = (domains.newest(keys, algorithm) for algorithm in ("rsa", "ed25519"))
    unseen = LookupResult(failure="timeout")
    return models.DnsObservations(
        dkim=_seen(rsa.record_status, seen.keys.get(rsa.selector, unseen)),
        dkim_ed25519=_seen(edwards.record_status, seen.keys.get(edwards.selector, unseen)),
        spf=_seen(row.spf_status, seen.records["spf"]),
        dmarc=_seen(row.dmarc_status, seen.records["dmarc"]),
        mx=_seen(row.mx_status, seen.records["mx"]),
        return_path=_seen(row.return_path_status, seen.records["return_path"]),
        proof=_seen(row.proof_status, seen.records["proof"]),
    )


def _seen(status: models.DnsRecordStatus, found: LookupResult) -> models.DnsObservation:
    return models.DnsObservation(status=status, found=list(found.values), error=found.failure)
