"""`misarmail serve`, `misarmail worker` and `misarmail smtp`: the commands that run until they are told to stop."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from contract import command_options
from contract.command_options import whole_number
from misarmail_server.operate.options import ConfigOption

MAX_PORT = 65_535
MAX_WORKERS = 64


def serve(
    *,
    port: Annotated[
        int | None,
        typer.Option("--port", parser=whole_number(1, MAX_PORT), metavar="PORT", help="The port to listen on; overrides MISARMAIL_PORT."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Run the API, the delivery workers and the SMTP server."""
    with _no_garbage_collection():
        from misarmail_server import settings
        from misarmail_server.operate import serve

    settings.use_file(config)
    if port is not None:
        settings.prefer("PORT", str(port))
    serve.run(settings.load())


def worker(
    *,
    processes: Annotated[
        int,
        typer.Option(
            "--processes", parser=whole_number(1, MAX_WORKERS), metavar="N", help="The number of processes; one uses one processor core."
        ),
    ] = 1,
    config: ConfigOption = None,
) -> None:
    """Run more delivery workers.

    They may run on another machine with the same database.
    """
    with _no_garbage_collection():
        from misarmail_server import settings
        from misarmail_server.operate import database, supervisor, work

    settings.use_file(config)
    chosen = settings.load()
    database.join(chosen)
    if processes == 1:
        work.run(chosen)
    else:
        supervisor.run(processes)


def smtp(*, config: ConfigOption = None) -> None:
    """Run the SMTP server.

    It listens on MISARMAIL_INBOUND_LISTEN and MISARMAIL_SUBMISSION_LISTEN.
    """
    with _no_garbage_collection():
        from misarmail_server import settings
        from misarmail_server.mail_server import listener_settings, process
        from misarmail_server.operate import database

    settings.use_file(config)
    chosen = settings.load()
    listener_settings.require_free(chosen)
    database.join(chosen)
    process.run(chosen)


SERVE_EXAMPLES = command_options.examples("misarmail serve", "MISARMAIL_RELAY=smtp://relay.example.com:587 misarmail serve --port 8080")
WORKER_EXAMPLES = command_options.examples("misarmail worker --processes 2")
SMTP_EXAMPLES = command_options.examples("MISARMAIL_INBOUND_LISTEN=0.0.0.0:25 misarmail smtp")


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Import without collections: they take a tenth of the time, and what is imported never becomes garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
