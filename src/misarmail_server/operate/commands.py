"""What the operator's commands do, in what they say when it is done. Each brings the database to this version first."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy.exc import IntegrityError

from misarmail_server import settings
from misarmail_server.context import HOUR, DetachedContext, Principal
from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.operate.progress import ProgressBar
from misarmail_server.services import (
    billing,
    contact_import_reader,
    contact_imports,
    dedicated_ips,
    keys,
    plans,
    relay_reports,
    senders,
    session_passwords,
    tenants,
)
from misarmail_server.settings import Settings

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
    with migrated(chosen) as store, _unless_there(f"There is an account {args.email} already"):
        return store.write(lambda connection: tenants.create(connection, args.email, plan=args.plan, senders=args.senders))


def set_password(chosen: Settings, args: Namespace, password: str) -> str:
    """`misarmail accounts password`. Raises Invalid for one that is too short, NotFound for an account that is none."""
    if len(password) < session_passwords.SHORTEST:
        raise Invalid("password", f"Must have at least {session_passwords.SHORTEST} characters")
    known = session_passwords.hash_of(password)
    with migrated(chosen) as store:
        store.write(lambda connection: session_passwords.put(connection, tenants.find(connection, args.email).id, known))
    return f"{args.email} signs in with the new password; its sessions are over"


def create_key(chosen: Settings, args: Namespace) -> str:
    """`misarmail keys create`; says the secret. Raises Invalid for a scope that is none, NotFound for an account that is none."""
    scopes = keys.parse_scopes(args.scopes)
    with migrated(chosen) as store:
        made = store.write(lambda connection: keys.make(connection, tenants.find(connection, args.account).id, args.name, scopes))
    return made.secret


def add_sender(chosen: Settings, args: Namespace) -> str:
    """`misarmail senders add`. Raises Conflict when it stands already, NotFound for an account that is none."""
    with migrated(chosen) as store, _unless_there(f"{args.account} may send from {args.address} already"):
        store.write(lambda connection: senders.vouch(connection, tenants.find(connection, args.account).id, args.address))
    return f"{args.account} may send from {args.address}"


def list_orders(chosen: Settings) -> str:
    """`misarmail billing orders`."""
    with migrated(chosen) as store, store.read() as connection:
        orders = billing.waiting(connection)
    return "\n".join(f"{one.email}  {one.plan}  {one.period}" for one in orders) or "No order waits"


def confirm_order(chosen: Settings, args: Namespace) -> str:
    """`misarmail billing confirm`. Raises NotFound for an account that is none or ordered nothing."""
    with migrated(chosen) as store:
        plan = store.write(lambda connection: billing.confirm(connection, tenants.find(connection, args.email).id))
    return f"{args.email} has the plan {plan}"


def renew_relay_token(chosen: Settings, args: Namespace) -> str:
    """`misarmail relays renew`; says the new addresses. Raises NotFound for an account that is none."""
    with migrated(chosen) as store:
        keep = args.keep * HOUR
        found = store.write(lambda connection: relay_reports.renew(connection, chosen, tenants.find(connection, args.account).id, keep))
    lines = [f"{provider}\t{address}" for provider, address in found.items()]
    return "\n".join([*lines, f"The addresses before are good for {args.keep} hours"])


def add_ips(chosen: Settings, args: Namespace) -> str:
    """`misarmail ips add`. Raises Conflict for an address that is in the pool already; then none is added."""
    with migrated(chosen) as store:
        store.write(lambda connection: dedicated_ips.add(connection, args.addresses, args.rdns))
    return f"The pool has {', '.join(args.addresses)}"


def list_ips(chosen: Settings, _: Namespace) -> str:
    """`misarmail ips list`: a line for each address, with the host it names in reverse and who has it."""
    with migrated(chosen) as store, store.read() as connection:
        found = dedicated_ips.pool(connection)
    return "\n".join(f"{address}\t{rdns or '-'}\t{owner or 'free'}" for address, rdns, owner in found)


def import_contacts(chosen: Settings, args: Namespace) -> str:
    """`misarmail import contacts`; says what became of the rows. Raises Invalid for a file that is no CSV, NotFound, Forbidden."""
    with migrated(chosen) as store:
        with store.read() as connection:
            account = tenants.find(connection, args.account)
        ctx = DetachedContext(store, chosen, Principal(account.id, account.plan, account.senders))
        bar = ProgressBar(sys.stderr)
        tally = contact_imports.run(
            ctx,
            partial(contact_import_reader.rows, args.file),
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
def migrated(chosen: Settings) -> Iterator[Store]:
    """The database, brought to this version and closed at the end."""
    with _store(chosen) as store:
        migrate.upgrade(store)
        yield store


@contextmanager
def _unless_there(sentence: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict("validation_failed", sentence) from error
