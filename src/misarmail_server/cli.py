"""`misarmail`: the operator's commands. No logic lives here; known failures are one sentence and exit code 2."""

from __future__ import annotations

import argparse
import sys

from sqlalchemy.exc import IntegrityError

from misarmail_server import migrate, settings
from misarmail_server.errors import Refusal
from misarmail_server.services import accounts, keys, plans, senders
from misarmail_server.settings import BadSettingError, Settings
from misarmail_server.store import Store


def main(argv: list[str] | None = None) -> int:
    """Run one command."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except (BadSettingError, Refusal) as error:
        print(error, file=sys.stderr)
    except IntegrityError:
        print("There is one already", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="misarmail", description="Run and operate a MisarMail server. Settings are environment variables."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the API and the delivery worker")
    serve.add_argument("--port", help="where to listen, before MISARMAIL_PORT")
    serve.set_defaults(run=_serve)
    commands.add_parser("worker", help="run one more delivery worker").set_defaults(run=_worker)
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(run=_migrate)
    _add_accounts(commands)
    _add_keys(commands)
    _add_senders(commands)
    return parser


def _add_accounts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("accounts", help="make accounts").add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make an account")
    create.add_argument("email")
    create.add_argument("--plan", choices=list(plans.PLANS), default="free")
    create.add_argument("--senders", choices=["any", "verified"], default="verified", help="which addresses it may send from")
    create.set_defaults(run=_create_account)


def _add_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("keys", help="make API keys").add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and print it once")
    create.add_argument("--scopes", required=True, help="separated by commas or blanks; all for every scope")
    create.add_argument("--account", metavar="EMAIL", help="whose; the first account's without it")
    create.add_argument("--name", default="Made by the operator")
    create.set_defaults(run=_create_key)


def _add_senders(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("senders", help="vouch for sender addresses").add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="let an account send from an address, or from a whole domain written @example.com")
    add.add_argument("address")
    add.add_argument("--account", metavar="EMAIL", required=True)
    add.set_defaults(run=_add_sender)


def _serve(args: argparse.Namespace) -> int:
    if args.port:
        settings.prefer("PORT", args.port)
    chosen = settings.load()
    from misarmail_server import serve  # noqa: PLC0415 - the other commands need no web server

    serve.run(chosen)
    return 0


def _worker(_args: argparse.Namespace) -> int:
    from misarmail_server.delivery import worker  # noqa: PLC0415 - the other commands need no mail engine

    worker.run(settings.load())
    return 0


def _migrate(_args: argparse.Namespace) -> int:
    changed = migrate.upgrade(_store(settings.load()))
    print("The database was brought to this version" if changed else "The database is at this version")
    return 0


def _create_account(args: argparse.Namespace) -> int:
    print(_migrated().write(lambda connection: accounts.create(connection, args.email, plan=args.plan, senders=args.senders)))
    return 0


def _create_key(args: argparse.Namespace) -> int:
    scopes = keys.parse_scopes(args.scopes)
    made = _migrated().write(lambda connection: keys.make(connection, accounts.find(connection, args.account).id, args.name, scopes))
    print(made.secret)
    return 0


def _add_sender(args: argparse.Namespace) -> int:
    _migrated().write(lambda connection: senders.vouch(connection, accounts.find(connection, args.account).id, args.address))
    print(f"{args.account} may send from {args.address}")
    return 0


def _store(chosen: Settings) -> Store:
    settings.require_state(chosen)
    return Store(chosen.database_url)


def _migrated() -> Store:
    store = _store(settings.load())
    migrate.upgrade(store)
    return store


if __name__ == "__main__":
    sys.exit(main())
