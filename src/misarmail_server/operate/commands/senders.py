"""`misarmail senders`."""

from typing import Annotated

import typer

from contract import command_options
from misarmail_server.operate.options import sender_address

app = command_options.group("Verify sender addresses.")


@app.command(
    epilog=command_options.examples(
        "misarmail senders add news@example.com --account ada@example.com", "misarmail senders add @example.com --account ada@example.com"
    )
)
def add(
    address: Annotated[
        str, typer.Argument(parser=sender_address, metavar="ADDRESS", help="An address, or a whole domain written @example.com.")
    ],
    *,
    account: Annotated[str, typer.Option("--account", metavar="EMAIL", help="The account.")],
) -> None:
    """Let an account send from an address or a domain without proof."""
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import senders

    with database.migrated(settings.load()) as store, database.refusing_duplicates(f"{account} may send from {address} already"):
        store.write(lambda connection: senders.vouch(connection, database.account_id(connection, account), address))
    print(f"{account} may send from {address}")
