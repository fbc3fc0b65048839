"""`misarmail ips`."""

from typing import Annotated

import typer

from contract import command_options, terminal
from contract.command_options import JsonOption
from misarmail_server.operate.options import ip_address

app = command_options.group("Manage the pool of dedicated IP addresses.")


@app.command(
    epilog=command_options.examples("misarmail ips add 192.0.2.10 192.0.2.11", "misarmail ips add 2001:db8::1 --rdns mail1.example.com")
)
def add(
    addresses: Annotated[list[str], typer.Argument(parser=ip_address, metavar="ADDRESS...", help="IPv4 or IPv6 addresses.")],
    *,
    rdns: Annotated[str | None, typer.Option("--rdns", metavar="HOST", help="The host name that reverse DNS gives for them.")] = None,
) -> None:
    """Add addresses to the pool. Accounts that wait for one get them first.

    If one of them is in the pool already, none is added.
    """
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import dedicated_ips

    with database.migrated(settings.load()) as store:
        store.write(lambda connection: dedicated_ips.add(connection, addresses, rdns))
    print(f"The pool has {', '.join(addresses)}")


@app.command("list", epilog=command_options.examples("misarmail ips list", "misarmail ips list --json"))
def list_(*, as_json: JsonOption = False) -> None:
    """List the pool: address, host name and account.

    Fields are separated by tabs unless standard output is a terminal.
    """
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import dedicated_ips

    with database.migrated(settings.load()) as store, store.read() as connection:
        pool = list(dedicated_ips.pool(connection))
    if as_json:
        terminal.print_json([{"address": address, "rdns": rdns, "account": account} for address, rdns, account in pool])
    else:
        rows = [(address, rdns or "-", account or "free") for address, rdns, account in pool]
        terminal.print_table(("Address", "Host", "Account"), rows, ["\t".join(row) for row in rows])
