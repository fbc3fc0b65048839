"""`misarmail import`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contract import command_options, terminal
from contract.command_options import JsonOption
from misarmail_server.operate.options import AccountOption, regular_file

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from misarmail_server.services.contact_imports import Tally

ROWS_PER_TRANSACTION = 20_000  # larger transactions write less

app = command_options.group("Import files.")


@app.command(
    epilog=command_options.examples(
        "misarmail import contacts contacts.csv", "misarmail import contacts contacts.csv --account ada@example.com --update-existing"
    )
)
def contacts(
    file: Annotated[Path, typer.Argument(parser=regular_file, metavar="FILE", help="A CSV file.")],
    *,
    account: AccountOption = None,
    update_existing: Annotated[bool, typer.Option("--update-existing", help="Update contacts that exist already.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add the contacts of a CSV file. Repeating an interrupted import completes it and adds nothing twice."""
    from misarmail_server import settings
    from misarmail_server.context import DetachedContext, Principal
    from misarmail_server.operate import database
    from misarmail_server.operate.import_progress import import_progress
    from misarmail_server.services import contact_import_reader, contact_imports, tenants

    chosen = settings.load()
    with database.migrated(chosen) as store:
        with store.read() as connection:
            owner = tenants.find(connection, account)
        ctx = DetachedContext(store, chosen, Principal(owner.id, owner.plan, owner.senders))
        with import_progress(file) as progress:
            tally = contact_imports.run(
                ctx,
                lambda: contact_import_reader.rows(file),
                changes_existing=update_existing,
                batch=ROWS_PER_TRANSACTION,
                progress=progress,
            )
    if as_json:
        terminal.print_json(_summary(tally))
    else:
        terminal.print_lines(_lines(tally))


def _lines(tally: "Tally") -> Iterator[str]:
    for bad in tally.bad:
        yield f"line {bad.line}: {f'{bad.email}: ' if bad.email else ''}{bad.reason}"
    if tally.error_count > len(tally.bad):
        yield f"and {tally.error_count - len(tally.bad):,} more"
    yield f"{tally.imported:,} imported, {tally.updated:,} updated, {tally.skipped:,} skipped, {tally.error_count:,} with errors"


def _summary(tally: "Tally") -> dict[str, object]:
    """The result as the API reports it; `errors` holds the first bad rows, `error_count` counts all."""
    return {
        "imported": tally.imported,
        "updated": tally.updated,
        "skipped": tally.skipped,
        "error_count": tally.error_count,
        "errors": [{"line": bad.line, "email": bad.email, "reason": bad.reason} for bad in tally.bad],
    }
