"""`misarmail config`."""

from contract import command_options, terminal
from contract.command_options import JsonOption
from misarmail_server.operate.options import ConfigOption

app = command_options.group("Show the settings, and change how mail leaves.")


@app.command(epilog=command_options.examples("misarmail config show", "misarmail config show --json"))
def show(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every setting and its source. Passwords and tokens are masked."""
    from misarmail_server import settings

    settings.use_file(config)
    shown = settings.shown()
    if as_json:
        terminal.print_json([setting._asdict() for setting in shown])
    else:
        rows = [(setting.variable, setting.text, setting.source) for setting in shown]
        lines = [f"{variable:36}{text}  ({source})" for variable, text, source in rows]
        terminal.print_table(("Setting", "Value", "Source"), rows, lines)
    settings.load()  # an invalid value is shown first, then refused


@app.command(epilog=command_options.examples("misarmail config apply", "misarmail config apply --config /etc/misarmail.toml"))
def apply(*, config: ConfigOption = None) -> None:
    """Make the delivery settings of this process those of the installation.

    Processes that run with other ones stop delivering and must be restarted. The change is refused while mail waits that it would capture.
    """
    from misarmail_server import settings
    from misarmail_server.operate import database
    from misarmail_server.services import installation

    settings.use_file(config)
    chosen = settings.load()
    with database.migrated(chosen) as store:
        applied = store.write(lambda connection: installation.apply(chosen, connection))
    for variable, text in applied.items():
        print(f"{variable}={text}")
    print("Restart all processes of the installation with these settings")
