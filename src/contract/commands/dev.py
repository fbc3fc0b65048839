"""`contract dev`: serve the document while it is edited."""

import sys
import threading
from typing import Annotated

import typer

from contract import command_options
from contract.command_options import SpecArgument, port_number

DEFAULT_PORT = 8027
EXAMPLES = command_options.examples("contract dev", "contract dev openapi.yaml --port 8032")


def dev(
    spec: SpecArgument = None,
    *,
    port: Annotated[
        int, typer.Option("--port", parser=port_number, metavar="PORT", help="The port to listen on; 0 takes a free port.")
    ] = DEFAULT_PORT,
) -> None:
    """Serve the document while it is edited: handlers where they exist, examples elsewhere.

    A saved file is reloaded, and its findings are printed.
    """
    from contract import project
    from contract.dev.live_reload import LiveReloader
    from contract.dev.wsgi_server import HOST, listen
    from contract.mocking.mock import DOCS

    configuration = project.find()
    reloader = LiveReloader(spec or configuration.document, configuration)
    server = listen(reloader.app, port)
    restart = [sys.executable, "-m", "contract.cli", "dev", *([str(spec)] if spec else []), "--port", str(server.port)]
    threading.Thread(target=reloader.follow, args=(restart,), daemon=True).start()
    print(f"on http://{HOST}:{server.port}, documentation on http://{HOST}:{server.port}{DOCS}", flush=True)
    server.serve_forever()
