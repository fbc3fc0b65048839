"""`misarmail accounts`."""

import getpass
import sys
from typing import Annotated, Literal

import typer

from contract import command_options
from misarmail_server.operate.options import EmailArgument

Plan = Literal["free", "pro", "max", "enterprise"]

app = command_options.group("Create and list accounts, and set their passwords.")


@app.command(
    epilog=command_options.examples(
        "misarmail accounts create ada@example.com", "misarmail accounts create ada@example.com --plan pro --senders any"
    )
)
def create(
    email: EmailArgument,
    *,
    plan: Annotated[Plan, typer.Option("--plan", help="The plan.")] = "free",
    senders: Annotated[
        Literal["any", "verified"], typer.Option("--senders", help="Whether it may send from any address or only from verified ones.")
    ] = "verified",
) -> None:
    """Create an account and print its id."""
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import tenants

    with database.migrated(settings.load()) as store, database.refusing_duplicates(f"There is an account {email} already"):
        print(store.write(lambda connection: tenants.create(connection, email, plan=plan, senders=senders)))


@app.command("list", epilog=command_options.examples("misarmail accounts list"))
def list_() -> None:
    """List the accounts, oldest first.

    A line has the id, address, plan, senders, whether it has a password, and the date of creation, separated by tabs.
    """
    from misarmail_server import settings
    from misarmail_server.context import at
    from misarmail_server.operate import database
    from misarmail_server.services import tenants

    with database.migrated(settings.load()) as store, store.read() as connection:
        for id_, email, plan, senders, created_at, has_password in tenants.all_(connection):
            print(id_, email, plan, senders, "password" if has_password else "no password", f"{at(created_at):%Y-%m-%d}", sep="\t")


@app.command(
    epilog=command_options.examples(
        "misarmail accounts password ada@example.com", "misarmail accounts password ada@example.com < password.txt"
    )
)
def password(email: EmailArgument) -> None:
    """Set the password of an account and end its sessions.

    The command asks for the password on a terminal and reads a line from standard input elsewhere.
    """
    from misarmail_server import settings
    from misarmail_server.errors import Invalid
    from misarmail_server.operate import database
    from misarmail_server.services import session_passwords

    chosen = settings.load()
    secret = getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(secret) < session_passwords.MIN_LENGTH:
        raise Invalid("password", f"Must have at least {session_passwords.MIN_LENGTH} characters")
    hashed = session_passwords.hash_of(secret)
    with database.migrated(chosen) as store:
        store.write(lambda connection: session_passwords.put(connection, database.account_id(connection, email), hashed))
    print(f"{email} signs in with the new password; its sessions are over")
