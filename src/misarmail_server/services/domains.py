"""Sending domains: added with new DKIM keys, shown with the records to publish, rotated and deleted. See `domain_verification`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from sqlalchemy import Select, delete, select

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext, at, at_or_none
from misarmail_server.db import tables
from misarmail_server.errors import Conflict
from misarmail_server.external import dns
from misarmail_server.external.dns_results import Question
from misarmail_server.services import domain_dkim_keys, domain_dns_records, domain_names, plans
from misarmail_server.services.domain_dns_records import PublishedRecord

PENDING_STATUSES = dict.fromkeys(
    ("dkim_status", "spf_status", "dmarc_status", "mx_status", "return_path_status", "proof_status"), "pending"
)


def create(ctx: DetachedContext, domain: str) -> models.Domain:
    """Add a domain with new keys.

    Raises Invalid for a name that cannot be registered, Conflict("already_exists"), Conflict("domain_taken") if another account has
    verified it and DNS does not prove that it belongs to this one, Forbidden("plan_limit_exceeded").
    """
    name = domain_names.normalised(domain, "domain")
    is_proven = _is_proven(ctx, name)
    pairs = domain_dkim_keys.make_pairs()
    return ctx.writing(lambda unit: _insert(unit, name, pairs, is_proven=is_proven))


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.DomainSummary], int]:
    """(one page, the total), newest first."""
    domain = tables.Domain
    columns: tuple[Any, ...] = (
        domain.id,
        domain.name,
        domain.state,
        domain.dkim_status,
        domain.spf_status,
        domain.dmarc_status,
        domain.created_at,
    )
    own: Select[Any] = select(*columns).where(domain.account_id == ctx.account_id)
    rows, total = ctx.page(own.order_by(domain.created_at.desc(), domain.id.desc()), number, limit)
    summaries = [
        models.DomainSummary(
            id=row.id,
            domain=row.name,
            status=row.state,
            dkim_status=row.dkim_status,
            spf_status=row.spf_status,
            dmarc_status=row.dmarc_status,
            created_at=at(row.created_at),
        )
        for row in rows
    ]
    return summaries, total


def get(ctx: Context, id_: str) -> models.Domain:
    """One domain. Raises NotFound."""
    return to_model(ctx, ctx.get(tables.Domain, id_, "domain"))


def delete_(ctx: Context, id_: str) -> None:
    """Delete a domain and its keys; the account can no longer send from it. Raises NotFound."""
    verified, key = tables.VerifiedDomain, tables.DkimKey
    # Locked before the domain's row, as everywhere, so that two units cannot deadlock.
    ctx.connection.execute(delete(verified).where(verified.domain_id == id_, verified.account_id == ctx.account_id))
    ctx.lock(tables.Domain, id_, "domain")
    ctx.connection.execute(delete(key).where(key.domain_id == id_))
    ctx.remove(tables.Domain, id_, "domain")


def rotate(ctx: DetachedContext, id_: str) -> models.Domain:
    """Create new keys; the active ones sign until the new ones are published. Raises NotFound."""
    with ctx.reading() as unit:
        unit.get(tables.Domain, id_, "domain")
    pairs = domain_dkim_keys.make_pairs()
    return ctx.writing(lambda unit: _rotate(unit, id_, pairs))


def keys_of(ctx: Context, domain_id: str) -> Sequence[tables.DkimKey]:
    """A domain's active and pending keys, oldest first."""
    key = tables.DkimKey
    return ctx.db.scalars(select(key).where(key.domain_id == domain_id, key.state != "retired").order_by(key.generation)).all()


def newest(keys: Sequence[tables.DkimKey], algorithm: str) -> tables.DkimKey:
    """The newest key of an algorithm; every domain has one."""
    return [key for key in keys if key.algorithm == algorithm][-1]


def holder(ctx: Context, name: str) -> tables.VerifiedDomain | None:
    """The verified domain of a name, of any account."""
    return ctx.db.scalar(select(tables.VerifiedDomain).where(tables.VerifiedDomain.name == name))


def require_not_taken(ctx: Context, name: str) -> bool:
    """Refuse a name at or below a domain that another account has verified; returns whether this account has verified it.

    The nearest ancestor decides. Raises Conflict("domain_taken").
    """
    for ancestor in domain_names.lineage(name):
        held = holder(ctx, ancestor)
        if held is not None:
            if held.account_id != ctx.account_id:
                raise taken(ctx, ancestor)
            return True
    return False


def taken(ctx: Context, name: str) -> Conflict:
    """The refusal of a name, with the record that would prove ownership."""
    record = domain_dns_records.proof(ctx.account_id, name)
    proof = {"type": record.type, "host": record.host, "value": record.value}
    return Conflict("domain_taken", f"Another account has verified {name}; publish the record in `proof` to claim it", proof=proof)


def to_model(ctx: Context, row: tables.Domain) -> models.Domain:
    """A domain with its DNS records."""
    keys = keys_of(ctx, row.id)
    records = domain_dns_records.expected(ctx.settings, ctx.account_id, row.name)
    return models.Domain(
        id=row.id,
        domain=row.name,
        status=row.state,
        dkim_status=row.dkim_status,
        spf_status=row.spf_status,
        dmarc_status=row.dmarc_status,
        dns_records=models.DnsRecords(
            dkim=_key_record(newest(keys, "rsa"), row.name),
            dkim_ed25519=_key_record(newest(keys, "ed25519"), row.name),
            spf=_record(records["spf"], row.spf_status),
            dmarc=_record(records["dmarc"], row.dmarc_status),
            mx=_record(records["mx"], row.mx_status),
            return_path=_record(records["return_path"], row.return_path_status),
        ),
        proof=_record(records["proof"], row.proof_status),
        created_at=at(row.created_at),
        verified_at=at_or_none(row.verified_at),
        checked_at=at_or_none(row.checked_at),
    )


def _is_proven(ctx: DetachedContext, name: str) -> bool:
    """Whether DNS proves that the name belongs to this account; looked up only if another account has verified it."""
    with ctx.reading() as unit:
        held = holder(unit, name)
    if held is None or held.account_id == ctx.account_id:
        return False
    record = domain_dns_records.proof(ctx.account_id, name)
    (result,) = dns.look_up(ctx.settings.dns, [Question(record.host, record.type)])
    return record.value in result.values


def _insert(ctx: Context, name: str, pairs: list[domain_dkim_keys.KeyPair], *, is_proven: bool) -> models.Domain:
    held = holder(ctx, name)
    if held is not None and held.account_id != ctx.account_id and not is_proven:
        raise taken(ctx, name)
    plans.require_room(ctx, "custom_domains")
    id_ = ctx.new_id("dom")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "name": name,
        "state": "pending",
        "generation": 1,
        "created_at": ctx.now(),
        **PENDING_STATUSES,
    }
    if not ctx.insert_new(tables.Domain, row):
        raise Conflict("already_exists", f"{name} is already a domain of this account")
    ctx.db.add_all([domain_dkim_keys.row(ctx, id_, pair, 1) for pair in pairs])
    ctx.db.flush()
    return get(ctx, id_)


def _rotate(ctx: Context, id_: str, pairs: list[domain_dkim_keys.KeyPair]) -> models.Domain:
    row = ctx.lock(tables.Domain, id_, "domain")
    pending = delete(tables.DkimKey).where(tables.DkimKey.domain_id == id_, tables.DkimKey.state == "pending")
    ctx.connection.execute(pending)
    row.generation += 1
    ctx.db.add_all([domain_dkim_keys.row(ctx, id_, pair, row.generation) for pair in pairs])
    ctx.db.flush()
    return to_model(ctx, row)


def _key_record(key: tables.DkimKey, name: str) -> models.DnsRecord:
    return _record(PublishedRecord("TXT", domain_dkim_keys.host(key, name), domain_dkim_keys.value(key)), key.record_status)


def _record(record: PublishedRecord, status: models.DnsRecordStatus) -> models.DnsRecord:
    priority = UNSET if record.priority is None else record.priority
    return models.DnsRecord(type=record.type, host=record.host, value=record.value, priority=priority, status=status)
