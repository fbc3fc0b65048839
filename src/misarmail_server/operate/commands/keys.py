"""`misarmail keys`."""

from typing import Annotated

import typer

from contract import command_options
from misarmail_server.operate.options import AccountOption

app = command_options.group("Create, list and revoke API keys.")


@app.command(
    epilog=command_options.examples(
        "misarmail keys create --scopes all", "misarmail keys create --scopes send,templates --account ada@example.com"
    )
)
def create(
    *,
    scopes: Annotated[str, typer.Option("--scopes", metavar="SCOPES", help="Scopes separated by commas or spaces, or all.")],
    account: AccountOption = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The name under which the account sees the key.")
    ] = "Made by the operator",
) -> None:
    """Create an API key and print it. It is not shown again."""
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import keys

    chosen = settings.load()
    granted = keys.parse_scopes(scopes)
    with database.migrated(chosen) as store:
        made = store.write(lambda connection: keys.make(connection, database.account_id(connection, account), name, granted))
    print(made.secret)


@app.command("list", epilog=command_options.examples("misarmail keys list", "misarmail keys list --account ada@example.com"))
def list_(*, account: AccountOption = None) -> None:
    """List the keys of an account that are not revoked, oldest first.

    A line has the id, beginning, name, scopes, and the dates of creation, last use and expiry, separated by tabs.
    """
    from misarmail_server import settings
    from misarmail_server.context import at
    from misarmail_server.operate import database
    from misarmail_server.services import keys

    def day(time: int | None) -> str:
        return "never" if time is None else f"{at(time):%Y-%m-%d}"

    with database.migrated(settings.load()) as store, store.read() as connection:
        for key in keys.of_account(connection, database.account_id(connection, account)):
            times = day(key.created_at), day(key.last_used_at), day(key.expires_at)
            name = "".join(character if character.isprintable() else "?" for character in key.name)
            print(key.id, key.key_prefix, name, key.scopes, *times, sep="\t")


@app.command(epilog=command_options.examples("misarmail keys revoke key_06b3v1pk0g", "misarmail keys revoke msk_1a2b3c4d"))
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, or its secret or the beginning that lists show.")],
) -> None:
    """Revoke an API key. It is refused at once, in every process."""
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import keys

    with database.migrated(settings.load()) as store:
        print(f"{store.write(lambda connection: keys.revoke_any(connection, key))} is revoked")
