"""Imports of contacts, stored in batches of one unit of work each, so that other writers do not wait long and memory stays bounded.

A contact is identified by its address, so repeating an import creates no duplicates, whether the first one ended or failed midway. With an
idempotency key, the results are stored with each batch, and a repeat continues after the last one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import select

from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext, Progress, at
from misarmail_server.db import tables
from misarmail_server.events import webhook_outbox
from misarmail_server.events.webhook_outbox import EventPayload
from misarmail_server.services import contact_import_batches, contact_import_csv, contact_import_rows, plans
from misarmail_server.services.contact_import_rows import BadRow, ImportRow, is_bad

BATCH_SIZE = 2_000  # rows per unit of work while other writers may wait
MAX_REPORTED = 1_000  # bad rows in the response
Rows = Callable[[], Iterator[ImportRow | BadRow]]  # starts from the first row on each call


@dataclass
class Tally:
    """The results so far. `bad` holds the first bad rows, `error_count` counts all."""

    imported: int = 0
    updated: int = 0
    skipped: int = 0
    error_count: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """The number of rows processed."""
        return self.imported + self.updated + self.skipped + self.error_count

    def report(self, bad: Sequence[BadRow]) -> None:
        """Count bad rows and store the first ones."""
        self.error_count += len(bad)
        self.bad = sorted([*self.bad, *bad])[:MAX_REPORTED] if bad else self.bad


def from_csv(ctx: DetachedContext, body: bytes, *, changes_existing: bool) -> models.ContactImportResponse:
    """Import a CSV file from memory. Raises as `run`."""
    return _to_model(run(ctx, lambda: contact_import_csv.rows(lambda: io.BytesIO(body)), changes_existing=changes_existing))


def from_json(ctx: DetachedContext, items: list[dict[str, Any]], *, changes_existing: bool) -> models.ContactImportResponse:
    """Import the rows of a JSON body. Raises as `run`."""
    rows = partial(map, contact_import_rows.from_json, range(1, len(items) + 1), items)
    return _to_model(run(ctx, rows, changes_existing=changes_existing))


def run(
    ctx: DetachedContext, rows: Rows, *, changes_existing: bool, batch: int = BATCH_SIZE, progress: Callable[[Tally], None] = lambda _: None
) -> Tally:
    """Import rows in separate units of work.

    Raises Forbidden("plan_limit_exceeded") before anything is stored if the plan does not allow all new contacts.
    """
    tally = _earlier(ctx)
    source = islice(rows(), tally.row_count, None)  # validates the file as a whole
    _require_room(ctx, rows)
    while chunk := list(islice(source, batch)):
        tally = ctx.writing(partial(_store, progress=ctx.progress, before=tally, chunk=chunk, changes_existing=changes_existing))
        progress(tally)
    ctx.writing(lambda unit: _emit(unit, tally))
    return tally


def _earlier(ctx: DetachedContext) -> Tally:
    """The results of an earlier attempt with the same idempotency key, which did not end."""
    return msgspec.msgpack.decode(ctx.progress.progress, type=Tally) if ctx.progress and ctx.progress.progress else Tally()


def _store(unit: Context, *, progress: Progress | None, before: Tally, chunk: list[ImportRow | BadRow], changes_existing: bool) -> Tally:
    """Store one batch, and with it how far the import is; returns the results so far."""
    good = [row for row in chunk if not is_bad(row)]
    stored = contact_import_batches.store(unit, good, changes_existing=changes_existing)
    tally = replace(
        before, imported=before.imported + stored.imported, updated=before.updated + stored.updated, skipped=before.skipped + stored.skipped
    )
    tally.report([row for row in chunk if is_bad(row)])
    tally.report(stored.bad)
    if progress is not None:
        progress.save(unit, msgspec.msgpack.encode(tally))
    return tally


def _emit(ctx: Context, tally: Tally) -> None:
    """One event for all rows."""
    details = models.ContactsImportedEventDetails(
        imported=tally.imported, updated=tally.updated, skipped=tally.skipped, errors=tally.error_count, timestamp=at(ctx.now())
    )
    webhook_outbox.emit(ctx.connection, ctx.account_id, [EventPayload("contacts.imported", details)])


def _require_room(ctx: DetachedContext, rows: Rows) -> None:
    """Refuse the whole import if the plan does not allow all new contacts."""
    limit = plans.PLANS[ctx.principal.plan].contacts
    if limit is None:
        return
    new: set[str] = set()
    good = (row.email for row in rows() if not is_bad(row))
    while emails := list(islice(good, BATCH_SIZE)):
        with ctx.reading() as unit:
            new |= set(emails) - _known(unit, emails)
        if len(new) > limit:
            break
    if new:
        ctx.writing(lambda unit: plans.require_room(unit, "contacts", more=len(new)))


def _known(unit: Context, emails: Sequence[str]) -> set[str]:
    contact = tables.Contact
    known: set[str] = set()
    for chunk in contact_import_batches.chunks(emails):
        query = select(contact.email).where(contact.account_id == unit.account_id, contact.email.in_(chunk))
        known.update(unit.connection.scalars(query))
    return known


def _to_model(tally: Tally) -> models.ContactImportResponse:
    errors = [models.ContactImportError(line=bad.line, email=bad.email or UNSET, reason=bad.reason) for bad in tally.bad]
    summary = models.ContactImportSummary(imported=tally.imported, updated=tally.updated, skipped=tally.skipped, errors=tally.error_count)
    return models.ContactImportResponse(summary=summary, errors=errors)
