"""`misarmail relays`."""

from typing import Annotated

import typer

from contract import command_options, terminal
from contract.command_options import JsonOption
from misarmail_server.operate.options import AccountOption

HOURS_IN_A_YEAR = 8_760

app = command_options.group("Manage the URLs to which relays report.")


@app.command(epilog=command_options.examples("misarmail relays renew", "misarmail relays renew --account ada@example.com --keep 0"))
def renew(
    *,
    account: AccountOption = None,
    keep: Annotated[
        int,
        typer.Option(
            "--keep",
            parser=command_options.whole_number(0, HOURS_IN_A_YEAR),
            metavar="HOURS",
            help="How long the previous URLs stay valid, in hours.",
        ),
    ] = 168,
    as_json: JsonOption = False,
) -> None:
    """Create new URLs for the reports of an account's relays, and print them."""
    from misarmail_server import settings
    from misarmail_server.context import HOUR
    from misarmail_server.operate import database
    from misarmail_server.services import relay_reports

    chosen = settings.load()
    with database.migrated(chosen) as store:
        urls = store.write(
            lambda connection: relay_reports.renew(connection, chosen, database.account_id(connection, account), keep * HOUR)
        )
    if as_json:
        terminal.print_json({"urls": urls, "previous_valid_hours": keep})
    else:
        terminal.print_table(("Provider", "URL"), list(urls.items()), [f"{provider}\t{url}" for provider, url in urls.items()])
        print(f"The previous URLs stay valid for {keep} hours")
