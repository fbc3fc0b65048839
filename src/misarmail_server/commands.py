"""What the operator's commands do, in what they say when it is done. Each brings the database to this version first."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from misarmail_server import migrate, settings
from misarmail_server.context import Context, Principal
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.progress import ProgressBar
from misarmail_server.services import accounts, contact_csv, contact_imports, keys, plans, senders
from misarmail_server.settings import Settings
from misarmail_server.store import Store

ALONE = 20_000  # rows to a unit of work where an operator imports: larger ones write less


def bring_up_to_date(chosen: Settings) -> str:
    """`misarmail migrate`."""
    with _store(chosen) as store:
        changed = migrate.upgrade(store)
    return "The database was brought to this version" if changed else "The database is at this version"


def create_account(chosen: Settings, args: Namespace) -> str:
    """`misarmail accounts create`; says the id. Raises Conflict for a second of the address, Invalid for a plan that is none."""
    if args.plan not in plans.PLANS:
        raise Invalid("plan", f"Must be one of {', '.join(plans.PLANS)}")
    with _migrated(chosen) as store, _unless_there(f"There is an account {args.email} already"):
        return store.write(lambda connection: accounts.create(connection, args.email, plan=args.plan, senders=args.senders))


def create_key(chosen: Settings, args: Namespace) -> str:
    """`misarmail keys create`; says the secret. Raises Invalid for a scope that is none, NotFound for an account that is none."""
    scopes = keys.parse_scopes(args.scopes)
    with _migrated(chosen) as store:
        made = store.write(lambda connection: keys.make(connection, accounts.find(connection, args.account).id, args.name, scopes))
    return made.secret


def add_sender(chosen: Settings, args: Namespace) -> str:
    """`misarmail senders add`. Raises Conflict when it stands already, NotFound for an account that is none."""
    with _migrated(chosen) as store, _unless_there(f"{args.account} may send from {args.address} already"):
        store.write(lambda connection: senders.vouch(connection, accounts.find(connection, args.account).id, args.address))
    return f"{args.account} may send from {args.address}"


def import_contacts(chosen: Settings, args: Namespace) -> str:
    """`misarmail import contacts`; says what became of the rows. Raises Invalid for a file that is no CSV, NotFound, Forbidden."""
    with _migrated(chosen) as store:
        with store.read() as connection:
            account = accounts.find(connection, args.account)
        ctx = Context(store, chosen, None, Principal(account.id, account.plan, account.senders))  # type: ignore[arg-type]  # it opens its own
        bar = ProgressBar(sys.stderr)
        tally = contact_imports.run(
            ctx,
            lambda: contact_csv.rows(lambda: args.file.open("rb")),
            changes_existing=args.update_existing,
            batch=ALONE,
            progress=bar.show,
        )
        bar.end()
    return "\n".join(_became(tally))


def _became(tally: contact_imports.Tally) -> Iterator[str]:
    for bad in tally.bad:
        yield f"line {bad.line}: {f'{bad.email}: ' if bad.email else ''}{bad.reason}"
    if tally.error_count > len(tally.bad):
        yield f"and {tally.error_count - len(tally.bad):,} more"
    yield f"{tally.imported:,} imported, {tally.updated:,} updated, {tally.skipped:,} skipped, {tally.error_count:,} with errors"


@contextmanager
def _store(chosen: Settings) -> Iterator[Store]:
    settings.require_state(chosen)
    store = Store(chosen.database_url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _migrated(chosen: Settings) -> Iterator[Store]:
    with _store(chosen) as store:
        migrate.upgrade(store)
        yield store


@contextmanager
def _unless_there(sentence: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict("validation_failed", sentence) from error
