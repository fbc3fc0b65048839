"""`misarmail keys`."""

from typing import Annotated

import typer

from contract import command_options
from misarmail_server.operate.options import AccountOption

app = command_options.group("Create API keys.")


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
