"""Segments: groups of contacts by rules or by list, and the queries for their contacts.

`contacts_of` is the current segment; `contact_count` is the stored count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Select, delete, false, func, insert, not_, select

from misarmail_contract import models
from misarmail_server.context import Context, at
from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts_new
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.services import account_limits, contacts
from misarmail_server.services.segment_comparisons import Condition
from misarmail_server.services.segment_rules import compile_each, compile_rules

PREVIEW_SIZE, MAX_COUNTED = 10, 1_000
CHUNK_SIZE = 500
INSERT_MEMBER = inserts_new(tables.SegmentMember, "segment_id", "contact_id")


def contacts_of(ctx: Context, id_: str) -> Select[tables.Contact]:
    """The query for a segment's current contacts, unordered. Raises NotFound."""
    return _contacts(ctx, ctx.get(tables.Segment, id_, "segment"))


def exists(ctx: Context, id_: str) -> bool:
    """Whether the account has a segment with that id."""
    query = select(tables.Segment.id).where(tables.Segment.account_id == ctx.account_id, tables.Segment.id == id_)
    return ctx.connection.scalar(query) is not None


def is_static(ctx: Context, id_: str) -> bool:
    """Whether a segment is a list of contacts. Raises NotFound."""
    return ctx.get(tables.Segment, id_, "segment").criteria_json is None


def subscribed(ctx: Context) -> Select[tables.Contact]:
    """The query for all subscribed contacts of the account."""
    return ctx.own(tables.Contact).where(tables.Contact.status == "subscribed")


def create(ctx: Context, new: models.SegmentCreate) -> models.Segment:
    """Store a segment and count it. Raises Invalid for invalid rules or unknown contacts, Forbidden("plan_limit_exceeded")."""
    account_limits.require_room(ctx, tables.Segment)
    id_ = ctx.new_id("seg")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "name": new.name,
        "description": new.description or None,
        "segment_type": new.segment_type,
        "criteria_json": None if new.filter_criteria is UNSET else _validated(ctx, new.filter_criteria, id_),
        "contact_count": 0,
        "last_calculated_at": ctx.now(),
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    ctx.connection.execute(insert(tables.Segment).values(row))
    if new.contact_ids is not UNSET:
        _add(ctx, id_, new.contact_ids, "contact_ids")
    return refresh(ctx, id_)


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.Segment], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.newest(tables.Segment, number, limit)
    return [_to_model(row) for row in rows], total


def get(ctx: Context, id_: str) -> models.Segment:
    """One segment. Raises NotFound."""
    return _to_model(ctx.get(tables.Segment, id_, "segment"))


def update(ctx: Context, id_: str, change: models.SegmentUpdate) -> models.Segment:
    """Change the given fields, recount, and return the whole segment. Raises NotFound, Conflict("wrong_state"), and Invalid as `create`."""
    row = ctx.lock(tables.Segment, id_, "segment")
    _require_kind(row.segment_type, change)
    if change.name is not UNSET:
        row.name = change.name
    if change.description is not UNSET:
        row.description = change.description or None
    if change.filter_criteria is not UNSET:
        row.criteria_json = _validated(ctx, change.filter_criteria, id_)
    row.updated_at = ctx.now()
    ctx.db.flush()
    _change_members(ctx, id_, change)
    return refresh(ctx, id_)


def delete_(ctx: Context, id_: str) -> None:
    """Delete a segment. Raises NotFound."""
    ctx.remove(tables.Segment, id_, "segment")


def refresh(ctx: Context, id_: str) -> models.Segment:
    """Count all contacts of a segment and store the count. Raises NotFound."""
    row = ctx.lock(tables.Segment, id_, "segment")
    row.contact_count = ctx.connection.scalar(select(func.count()).select_from(_ids(ctx, row, is_count=True).subquery())) or 0
    row.last_calculated_at = ctx.now()
    ctx.db.flush()
    return _to_model(row)


def preview(ctx: Context, id_: str) -> tuple[list[models.Contact], int]:
    """(some of a segment's contacts, their number, counted up to `MAX_COUNTED` + 1). Raises NotFound."""
    row = ctx.get(tables.Segment, id_, "segment")
    ids = ctx.connection.scalars(_ids(ctx, row).limit(MAX_COUNTED + 1)).all()
    rows = ctx.db.scalars(select(tables.Contact).where(tables.Contact.id.in_(ids[:PREVIEW_SIZE]))).all() if ids else []
    return contacts.to_models(ctx, rows), len(ids)


def effects(ctx: Context, id_: str) -> list[models.SegmentRuleEffect]:
    """How many contacts each rule that must match removes from those of the others. Raises NotFound."""
    row = ctx.get(tables.Segment, id_, "segment")
    if row.criteria_json is None:
        return []
    criteria = msgspec.json.decode(row.criteria_json, type=models.SegmentCriteria)
    conditions = compile_each(ctx, criteria) if criteria.operator == "AND" else []
    return [_effect(ctx, conditions, number) for number in range(len(conditions))]


def up_to_limit(counted: int) -> tuple[int, bool]:
    """(a count up to `MAX_COUNTED`, whether it is exact) of contacts that were counted up to one more."""
    return min(counted, MAX_COUNTED), counted <= MAX_COUNTED


def members(ctx: Context, id_: str, number: int, limit: int) -> tuple[list[str], int]:
    """(the contact ids of one page of a segment, the total), newest first. Raises NotFound."""
    contact = tables.Contact
    ids = _ids(ctx, ctx.get(tables.Segment, id_, "segment"))
    rows, total = ctx.page(ids.order_by(contact.created_at.desc(), contact.id.desc()), number, limit)
    return [row.id for row in rows], total


def _effect(ctx: Context, conditions: Sequence[Condition], number: int) -> models.SegmentRuleEffect:
    others = [condition for other, condition in enumerate(conditions) if other != number]
    removed = ctx.own(tables.Contact).where(*others, not_(func.coalesce(conditions[number], false())))
    ids = ctx.connection.scalars(removed.with_only_columns(tables.Contact.id).limit(MAX_COUNTED + 1)).all()
    removes, is_exact = up_to_limit(len(ids))
    return models.SegmentRuleEffect(rule=f"rules.{number}", removes=removes, is_exact=is_exact)


def _contacts(ctx: Context, row: tables.Segment, *, is_count: bool = False) -> Select[tables.Contact]:
    if row.criteria_json is not None:
        criteria = msgspec.json.decode(row.criteria_json, type=models.SegmentCriteria)
        return ctx.own(tables.Contact).where(compile_rules(ctx, criteria, is_count=is_count))
    # Members belong to the account, which was checked when they were added; with that condition SQLite would read all of its contacts.
    listed = select(tables.SegmentMember.contact_id).where(tables.SegmentMember.segment_id == row.id)
    return select(tables.Contact).where(tables.Contact.id.in_(listed))


def _ids(ctx: Context, row: tables.Segment, *, is_count: bool = False) -> Select[Any]:
    return _contacts(ctx, row, is_count=is_count).with_only_columns(tables.Contact.id)


def _validated(ctx: Context, criteria: models.SegmentCriteria, id_: str) -> str:
    """Criteria in their stored form. Raises Invalid for an invalid rule."""
    compile_rules(ctx, criteria, id_)
    return msgspec.json.encode(criteria).decode()


def _require_kind(segment_type: str, change: models.SegmentUpdate) -> None:
    """Raises Conflict("wrong_state") for rules of a static segment and lists of a dynamic one."""
    if segment_type == "static" and change.filter_criteria is not UNSET:
        raise Conflict("wrong_state", "A static segment has no rules")
    lists = (change.contact_ids, change.add_contact_ids, change.remove_contact_ids)
    if segment_type == "dynamic" and any(list_ is not UNSET for list_ in lists):
        raise Conflict("wrong_state", "A dynamic segment has no list of contacts")


def _change_members(ctx: Context, id_: str, change: models.SegmentUpdate) -> None:
    if change.contact_ids is not UNSET:
        _require_contacts(ctx, change.contact_ids, "contact_ids")
        ctx.connection.execute(delete(tables.SegmentMember).where(tables.SegmentMember.segment_id == id_))
        _add(ctx, id_, change.contact_ids, "contact_ids")
    if change.add_contact_ids is not UNSET:
        _add(ctx, id_, change.add_contact_ids, "add_contact_ids")
    if change.remove_contact_ids is not UNSET:
        _remove(ctx, id_, change.remove_contact_ids)


def _add(ctx: Context, id_: str, contact_ids: Sequence[str], field: str) -> None:
    _require_contacts(ctx, contact_ids, field)
    INSERT_MEMBER.run_many(ctx.connection, [{"segment_id": id_, "contact_id": contact_id} for contact_id in contact_ids])


def _remove(ctx: Context, id_: str, contact_ids: Sequence[str]) -> None:
    member = tables.SegmentMember
    for first in range(0, len(contact_ids), CHUNK_SIZE):
        is_removed = member.contact_id.in_(contact_ids[first : first + CHUNK_SIZE])
        ctx.connection.execute(delete(member).where(member.segment_id == id_, is_removed))


def _require_contacts(ctx: Context, contact_ids: Sequence[str], field: str) -> None:
    """Raises Invalid naming ids that are not contacts of this account."""
    contact = tables.Contact
    known: set[str] = set()
    for first in range(0, len(contact_ids), CHUNK_SIZE):
        query = select(contact.id, contact.account_id).where(contact.id.in_(contact_ids[first : first + CHUNK_SIZE]))
        known.update(id_ for id_, account_id in ctx.connection.execute(query) if account_id == ctx.account_id)
    unknown = list(dict.fromkeys(id_ for id_ in contact_ids if id_ not in known))
    if unknown:
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""  # noqa: PLR2004 - a readable number of ids
        raise Invalid(field, f"There is no contact {', '.join(unknown[:10])}{more}")


def _to_model(row: Any) -> models.Segment:
    return models.Segment(
        id=row.id,
        name=row.name,
        description=row.description,
        segment_type=row.segment_type,
        filter_criteria=None if row.criteria_json is None else msgspec.json.decode(row.criteria_json, type=models.SegmentCriteria),
        contact_count=row.contact_count,
        last_calculated_at=at(row.last_calculated_at),
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )
