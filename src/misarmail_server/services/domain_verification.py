"""Domain verification: looks up a domain's records, checks them, and stores the result and its consequences.

A lookup without an answer changes nothing. The primary key of `verified_domains` decides which account owns a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select, update

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext
from misarmail_server.db import tables
from misarmail_server.external import dns
from misarmail_server.external.dns_results import LookupResult, Question
from misarmail_server.services import domain_dkim_keys, domain_dns_records, domains
from misarmail_server.services.domain_dns_records import Purpose, Status


class DnsObservations(NamedTuple):
    """The DNS results: of each key by selector, of the other records by purpose."""

    keys: dict[str, LookupResult]
    records: dict[Purpose, LookupResult]


class VerificationResult(NamedTuple):
    """The domain after a lookup, and the results."""

    domain: models.Domain
    checks: models.DnsObservations


def verify(ctx: DetachedContext, id_: str) -> VerificationResult:
    """Look up a domain's records and store the result.

    Raises NotFound, Conflict("domain_taken") if another account has verified the name and the proof record does not name this one.
    """
    with ctx.reading() as unit:
        name = unit.get(tables.Domain, id_, "domain").name
        hosts = {key.selector: domain_dkim_keys.host(key, name) for key in domains.keys_of(unit, id_)}
    observations = _look_up(ctx, name, hosts)
    return ctx.writing(lambda unit: _store(unit, id_, name, observations))


def _look_up(ctx: DetachedContext, name: str, hosts: dict[str, str]) -> DnsObservations:
    records = domain_dns_records.expected(ctx.settings, ctx.account_id, name)
    questions = [*(Question(host, "TXT") for host in hosts.values()), *(Question(record.host, record.type) for record in records.values())]
    results = dns.look_up(ctx.settings.dns, questions)
    return DnsObservations(dict(zip(hosts, results, strict=False)), dict(zip(records, results[len(hosts) :], strict=True)))


def _store(ctx: Context, id_: str, name: str, observations: DnsObservations) -> VerificationResult:
    held = _verified_domain(ctx, name)
    row = ctx.lock(tables.Domain, id_, "domain")
    keys = domains.keys_of(ctx, id_)
    _update_keys(row, keys, observations)
    _update_records(ctx, row, observations)
    row.checked_at = ctx.now()
    is_proven = observations.records["proof"].failure is None and row.proof_status == "valid"
    if held is not None and held.account_id != ctx.account_id and not is_proven:
        raise domains.taken(ctx, name)
    if row.dkim_status == row.spf_status == "valid":
        _mark_verified(ctx, row, held, is_proven=is_proven)
    elif row.state == "verified":
        _mark_failed(ctx, row, held)
    ctx.db.flush()
    return VerificationResult(domains.to_model(ctx, row), _checks(row, domains.keys_of(ctx, id_), observations))


def _verified_domain(ctx: Context, name: str) -> tables.VerifiedDomain | None:
    """The verified domain of a name, locked; it is always locked before the row of a domain."""
    return ctx.db.scalar(select(tables.VerifiedDomain).where(tables.VerifiedDomain.name == name).with_for_update())


def _update_keys(row: tables.Domain, keys: Sequence[tables.DkimKey], observations: DnsObservations) -> None:
    """A published key begins to sign; older keys of its algorithm are retired."""
    for key in keys:
        result = observations.keys.get(key.selector, LookupResult(failure="timeout"))
        if result.failure is None:
            key.record_status = _key_status(key, result)
        if key.record_status == "valid" and key.state == "pending":
            key.state = "active"
            _retire([older for older in keys if older.algorithm == key.algorithm and older.generation < key.generation])
    live = [key for key in keys if key.state != "retired"]
    is_published = any(key.record_status == "valid" for key in live)
    row.dkim_status = "valid" if is_published else domains.newest(live, "rsa").record_status


def _key_status(key: tables.DkimKey, result: LookupResult) -> Status:
    if any(domain_dkim_keys.publishes(text, key) for text in result.values):
        return "valid"
    return "invalid" if result.values else "missing"


def _retire(keys: Sequence[tables.DkimKey]) -> None:
    for key in keys:
        key.state, key.private_key = "retired", None


def _update_records(ctx: Context, row: tables.Domain, observations: DnsObservations) -> None:
    for purpose, record in domain_dns_records.expected(ctx.settings, ctx.account_id, row.name).items():
        result = observations.records[purpose]
        if result.failure is None:
            setattr(row, f"{purpose}_status", domain_dns_records.check(purpose, record, result.values))


def _mark_verified(ctx: Context, row: tables.Domain, held: tables.VerifiedDomain | None, *, is_proven: bool) -> None:
    """Give the name to this account, which may then send from it. Raises Conflict("domain_taken") if another account was faster."""
    if held is None:
        is_first = ctx.insert_new(tables.VerifiedDomain, {"name": row.name, "domain_id": row.id, "account_id": ctx.account_id})
        held = None if is_first else _verified_domain(ctx, row.name)
        if not is_first and held is None:
            raise domains.taken(ctx, row.name)
    if held is not None and held.account_id != ctx.account_id:
        if not is_proven:
            raise domains.taken(ctx, row.name)
        _take_over(ctx, row, held)
    if row.state != "verified":
        row.state, row.verified_at = "verified", ctx.now()


def _take_over(ctx: Context, row: tables.Domain, held: tables.VerifiedDomain) -> None:
    """The only place that changes another account's rows: DNS proves that the name no longer belongs to it."""
    ctx.connection.execute(update(tables.Domain).where(tables.Domain.id == held.domain_id).values(state="failed"))
    held.domain_id, held.account_id = row.id, ctx.account_id


def _mark_failed(ctx: Context, row: tables.Domain, held: tables.VerifiedDomain | None) -> None:
    """The records are missing: no account may send from the name until they are published again."""
    row.state = "failed"
    if held is not None:
        ctx.db.delete(held)


def _checks(row: tables.Domain, keys: Sequence[tables.DkimKey], observations: DnsObservations) -> models.DnsObservations:
    rsa, edwards = (domains.newest(keys, algorithm) for algorithm in ("rsa", "ed25519"))
    no_result = LookupResult(failure="timeout")
    return models.DnsObservations(
        dkim=_observation(rsa.record_status, observations.keys.get(rsa.selector, no_result)),
        dkim_ed25519=_observation(edwards.record_status, observations.keys.get(edwards.selector, no_result)),
        spf=_observation(row.spf_status, observations.records["spf"]),
        dmarc=_observation(row.dmarc_status, observations.records["dmarc"]),
        mx=_observation(row.mx_status, observations.records["mx"]),
        return_path=_observation(row.return_path_status, observations.records["return_path"]),
        proof=_observation(row.proof_status, observations.records["proof"]),
    )


def _observation(status: models.DnsRecordStatus, result: LookupResult) -> models.DnsObservation:
    return models.DnsObservation(status=status, found=list(result.values), error=result.failure)
