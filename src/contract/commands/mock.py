"""`contract mock`: serve the document's examples, and what clients post."""

from typing import Annotated

import typer

from contract import command_options
from contract.command_options import SpecArgument, port_number

DEFAULT_PORT = 8026
EXAMPLES = command_options.examples("contract mock", "contract mock openapi.yaml --port 8031 --token secret", "contract mock --stateless")


def mock(
    spec: SpecArgument = None,
    *,
    empty: Annotated[bool, typer.Option("--empty", help="Start without the objects in the document's examples.")] = False,
    stateless: Annotated[bool, typer.Option("--stateless", help="Respond with examples only and keep nothing.")] = False,
    token: Annotated[
        str | None, typer.Option("--token", metavar="TOKEN", help="The only credential to accept.", show_default="any credential")
    ] = None,
    port: Annotated[
        int, typer.Option("--port", parser=port_number, metavar="PORT", help="The port to listen on; 0 takes a free port.")
    ] = DEFAULT_PORT,
) -> None:
    """Serve the document's examples, and what clients post."""
    from contract import project
    from contract.dev.wsgi_server import HOST, background_loop, listen
    from contract.mocking.mock import DOCS, MockOptions, application
    from contract.openapi import document
    from contract.openapi.servers import base_path

    bundle = document.load(spec or project.find().document).bundle
    app = application(bundle, background_loop(), None, MockOptions(remembers=not stateless, has_seeds=not empty, token=token))
    server = listen(app, port)
    address = f"http://{HOST}:{server.port}{base_path(bundle)}"
    print(f"mock of {bundle['info']['title']} on {address}, documentation on {address}{DOCS}", flush=True)
    server.serve_forever()
