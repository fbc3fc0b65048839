"""`misarmail`: the operator's program. Failures that are foreseen are one sentence and exit code 2.

The modules of its commands are light: what a command does is imported when it runs, so that help and refused usage come at once.
"""

import sys
from typing import Annotated

import typer

from contract import command_options
from misarmail_server.operate.commands import (
    accounts,
    backups,
    billing,
    bounces,
    configuration,
    dedicated_ips,
    imports,
    keys,
    maintenance,
    processes,
    queue,
    relays,
    senders,
)
from misarmail_server.operate.options import ConfigOption

app = command_options.program()
app.command(epilog=processes.SERVE_EXAMPLES)(processes.serve)
app.command(epilog=processes.WORKER_EXAMPLES)(processes.worker)
app.command(epilog=processes.SMTP_EXAMPLES)(processes.smtp)
app.command(epilog=maintenance.MIGRATE_EXAMPLES)(maintenance.migrate)
app.command(epilog=backups.BACKUP_EXAMPLES)(backups.backup)
app.command(epilog=backups.RESTORE_EXAMPLES)(backups.restore)
app.command(epilog=maintenance.DOCTOR_EXAMPLES)(maintenance.doctor)
app.add_typer(configuration.app, name="config")
app.add_typer(accounts.app, name="accounts")
app.add_typer(keys.app, name="keys")
app.add_typer(senders.app, name="senders")
app.add_typer(billing.app, name="billing")
app.add_typer(dedicated_ips.app, name="ips")
app.add_typer(relays.app, name="relays")
app.add_typer(imports.app, name="import")
app.add_typer(queue.app, name="queue")
app.add_typer(bounces.app, name="bounce")


@app.callback(
    epilog=command_options.examples("misarmail serve", "misarmail keys create --scopes all", "misarmail doctor", "misarmail queue status")
)
def misarmail(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=command_options.version_printer("misarmail"), is_eager=True, help="Print the version and exit."),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Run and operate a MisarMail server. Settings are environment variables or keys of misarmail.toml."""
    del version  # its callback printed it
    if config is not None:
        from misarmail_server import settings  # noqa: PLC0415 - not for help and refused usage

        settings.use_file(config)


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 a check failed, 2 refused, 130 interrupted."""
    try:
        return command_options.run(app, "misarmail", arguments)
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        return command_options.refuse(sentence)


def _sentence(error: Exception) -> str | None:
    """Why a command was refused; None for an error that nobody foresaw."""
    from misarmail_server.errors import Refusal, Unavailable  # noqa: PLC0415 - only after a failure
    from misarmail_server.settings import BadSettingError  # noqa: PLC0415 - only after a failure

    if isinstance(error, Unavailable):
        return f"The database that MISARMAIL_DATABASE_URL names cannot be used now: {_cause(error)}"
    return str(error) if isinstance(error, Refusal | BadSettingError) else None


def _cause(error: Exception) -> str:
    """The driver's message, in one line."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - only after a failure

    cause = error.__cause__
    message = str(cause.orig if isinstance(cause, DBAPIError) else cause or "").strip()
    return message.splitlines()[0] if message else "it does not answer"


if __name__ == "__main__":
    sys.exit(main())
