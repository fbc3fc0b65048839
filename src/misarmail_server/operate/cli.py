"""`misarmail`: the operator's commands. No logic lives here; known failures are one sentence and exit code 2.

What a command does is imported when it is known which one: that takes most of a second, and a question about usage need not wait for it.
"""

from __future__ import annotations

import argparse
import gc
import getpass
import ipaddress
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from misarmail_server import settings
from misarmail_server.errors import Refusal, Unavailable
from misarmail_server.settings import BadSettingError

MOST_WORKERS = 64
MOST_HOURS = 8_760  # a year


def main(argv: list[str] | None = None) -> int:
    """Run one command."""
    args = _parser().parse_args(argv)
    try:
        if getattr(args, "port", None):
            settings.prefer("PORT", args.port)
        said = args.run(settings.load(), args)
        if said:
            print(said)
    except Unavailable as error:
        return _refused(f"The database that MISARMAIL_DATABASE_URL names cannot be used now: {_reason(error)}")
    except (BadSettingError, Refusal) as error:
        return _refused(error)
    except KeyboardInterrupt:
        return 130
    return 0


def _refused(sentence: object) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _reason(error: Unavailable) -> str:
    """The driver's own words, in one line."""
    cause = error.__cause__
    words = str(getattr(cause, "orig", cause)).strip()
    return words.splitlines()[0] if words else "it does not answer"


def _load(name: str) -> Any:
    """A module of this folder. What is imported stays, so looking through it for garbage, a tenth of the time, finds nothing."""
    gc.disable()
    try:
        return import_module(f"misarmail_server.operate.{name}")
    finally:
        gc.enable()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="misarmail", description="Run and operate a MisarMail server. Settings are environment variables."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the API and the delivery worker")
    serve.add_argument("--port", help="where to listen, before MISARMAIL_PORT")
    serve.set_defaults(run=lambda chosen, _: _load("serve").run(chosen))
    worker = commands.add_parser("worker", help="run more delivery workers, here or on another machine with the same database")
    worker.add_argument("--processes", type=_count, default=1, metavar="N", help="how many, 1 without it; one fills a processor core")
    worker.set_defaults(run=lambda chosen, args: _load("delivery_commands").run_workers(chosen, args))
    smtp = commands.add_parser("smtp", help="listen for mail, as MISARMAIL_INBOUND_LISTEN and MISARMAIL_SUBMISSION_LISTEN say")
    smtp.set_defaults(run=lambda chosen, _: _load("delivery_commands").listen(chosen))
    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(run=lambda chosen, _: _load("commands").bring_up_to_date(chosen))
    doctor = commands.add_parser("doctor", help="look at everything that mail depends on; exits with 1 when something is wrong")
    doctor.set_defaults(run=lambda chosen, _: _diagnosed(chosen))
    _add_accounts(commands)
    _add_keys(commands)
    _add_senders(commands)
    _add_billing(commands)
    _add_ips(commands)
    _add_relays(commands)
    _add_imports(commands)
    _add_queue(commands)
    _add_bounces(commands)
    return parser


def _diagnosed(chosen: settings.Settings) -> str:
    found = []
    for one in _load("doctor").examine(chosen):
        print(f"{'ok ' if one.is_fine else 'BAD'}  {one.what:10}  {one.says}", flush=True)
        found.append(one)
    if not all(one.is_fine for one in found):
        sys.exit(1)
    return ""


def _add_accounts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("accounts", help="make accounts").add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make an account and print its id")
    create.add_argument("email", type=_address)
    create.add_argument("--plan", default="free", help="free without it")
    create.add_argument("--senders", choices=["any", "verified"], default="verified", help="which addresses it may send from")
    create.set_defaults(run=lambda chosen, args: _load("commands").create_account(chosen, args))
    password = actions.add_parser("password", help="set the password an account signs in with; asked for, or read from standard input")
    password.add_argument("email", type=_address)
    password.set_defaults(run=lambda chosen, args: _load("commands").set_password(chosen, args, _secret()))


def _add_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("keys", help="make API keys").add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and print it once")
    create.add_argument("--scopes", required=True, help="separated by commas or blanks; all for every scope")
    create.add_argument("--account", metavar="EMAIL", help="whose; the first account's without it")
    create.add_argument("--name", default="Made by the operator")
    create.set_defaults(run=lambda chosen, args: _load("commands").create_key(chosen, args))


def _add_senders(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("senders", help="vouch for sender addresses").add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="let an account send from an address, or from a whole domain written @example.com")
    add.add_argument("address", type=_address_or_domain)
    add.add_argument("--account", metavar="EMAIL", required=True)
    add.set_defaults(run=lambda chosen, args: _load("commands").add_sender(chosen, args))


def _add_billing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("billing", help="see and confirm ordered plans").add_subparsers(required=True, metavar="ACTION")
    orders = actions.add_parser("orders", help="list the orders that wait")
    orders.set_defaults(run=lambda chosen, _: _load("commands").list_orders(chosen))
    confirm = actions.add_parser("confirm", help="give an account the plan it ordered")
    confirm.add_argument("email", type=_address)
    confirm.set_defaults(run=lambda chosen, args: _load("commands").confirm_order(chosen, args))


def _add_queue(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("queue", help="see and steer the mail that waits").add_subparsers(required=True, metavar="ACTION")
    status = actions.add_parser("status", help="what waits, what is in doubt, what is suspended")
    status.set_defaults(run=lambda chosen, _: _load("delivery_commands").status(chosen))
    for name, says in (
        ("flush", "try deferred mail now instead of when it is due"),
        ("suspend", "begin to deliver nothing more until it is resumed; what is accepted waits"),
        ("resume", "end a suspension"),
    ):
        action = actions.add_parser(name, help=says)
        action.add_argument("--account", metavar="EMAIL", help="of this account only; of everybody without it")
        action.set_defaults(run=lambda chosen, args, name=name: getattr(_load("delivery_commands"), name)(chosen, args))
    resend = actions.add_parser("resend", help="send marketing mail that may have arrived once more, with its Message-ID")
    resend.add_argument("messages", nargs="+", metavar="MESSAGE", help="its id, as `queue status` and the API name it")
    resend.add_argument("--to", metavar="ADDRESS", help="only to this recipient; to all that are in doubt without it")
    resend.set_defaults(run=lambda chosen, args: _load("delivery_commands").resend(chosen, args))


def _add_relays(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("relays", help="say where relays report to").add_subparsers(required=True, metavar="ACTION")
    renew = actions.add_parser("renew", help="make new addresses for an account's relays to report to, and print them")
    renew.add_argument("--account", metavar="EMAIL", help="whose; the first account's without it")
    renew.add_argument("--keep", type=_hours, default=168, metavar="HOURS", help="how long the addresses before stay good, 168 without it")
    renew.set_defaults(run=lambda chosen, args: _load("commands").renew_relay_token(chosen, args))


def _hours(text: str) -> int:
    if not (text.isdecimal() and int(text) <= MOST_HOURS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {MOST_HOURS}")
    return int(text)


def _count(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_WORKERS}")
    return int(text)


def _secret() -> str:
    return getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _add_ips(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("ips", help="keep the pool of dedicated IP addresses").add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="put addresses into the pool; accounts that wait for one get them")
    add.add_argument("addresses", nargs="+", type=_ip_address, metavar="ADDRESS")
    add.add_argument("--rdns", metavar="HOST", help="the host that they name in reverse")
    add.set_defaults(run=lambda chosen, args: _load("commands").add_ips(chosen, args))
    list_ = actions.add_parser("list", help="list the pool: address, host and who has it, separated by tabs")
    list_.set_defaults(run=lambda chosen, args: _load("commands").list_ips(chosen, args))


def _ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address") from None


def _add_imports(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    things = commands.add_parser("import", help="bring in what is in a file").add_subparsers(required=True, metavar="THING")
    contacts = things.add_parser("contacts", help="add the contacts of a CSV file; running it again completes it and doubles nothing")
    contacts.add_argument("file", type=_file, metavar="FILE")
    contacts.add_argument("--account", metavar="EMAIL", help="whose; the first account's without it")
    contacts.add_argument("--update-existing", action="store_true", help="change the contacts that are there already")
    contacts.set_defaults(run=lambda chosen, args: _load("commands").import_contacts(chosen, args))


def _add_bounces(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = commands.add_parser("bounce", help="understand mail that came back").add_subparsers(required=True, metavar="ACTION")
    classify = actions.add_parser("classify", help="say for each message what it reports: a line for each recipient, separated by tabs")
    classify.add_argument("files", type=Path, nargs="+", metavar="FILE")
    classify.add_argument("--format", choices=["text", "json"], default="text")
    classify.set_defaults(run=lambda _, args: _load("delivery_commands").classify_bounces(args))


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is not a file")
    return path


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not local or not domain or any(character.isspace() for character in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an e-mail address")
    return text


def _address_or_domain(text: str) -> str:
    return text if text.startswith("@") and _address(f"any{text}") else _address(text)


if __name__ == "__main__":
    sys.exit(main())
