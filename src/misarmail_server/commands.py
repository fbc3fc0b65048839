"""What the operator's commands do, in what they say when it is done. Each brings the database to this version first."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from misarmail_server import migrate, settings
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.services import accounts, dedicated_ips, keys, plans, senders
from misarmail_server.settings import Settings
from misarmail_server.store import Store


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


def add_ips(chosen: Settings, args: Namespace) -> str:
    """`misarmail ips add`. Raises Conflict for an address that is in the pool already; then none is added."""
    with _migrated(chosen) as store:
        store.write(lambda connection: dedicated_ips.add(connection, args.addresses, args.rdns))
    return f"The pool has {', '.join(args.addresses)}"


def list_ips(chosen: Settings, _: Namespace) -> str:
    """`misarmail ips list`: a line for each address, with the host it names in reverse and who has it."""
    with _migrated(chosen) as store, store.read() as connection:
        found = dedicated_ips.pool(connection)
    return "\n".join(f"{address}\t{rdns or '-'}\t{owner or 'free'}" for address, rdns, owner in found)


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
