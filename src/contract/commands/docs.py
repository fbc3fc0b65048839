"""`contract docs`: the reference as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from contract import command_options
from contract.command_options import SpecArgument

EXAMPLES = command_options.examples(
    "contract docs -o reference.html", "contract docs openapi.yaml -o reference.html --server https://api.example.com"
)


def docs(
    spec: SpecArgument = None,
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file to write.", show_default="standard output")
    ] = None,
    server: Annotated[
        str | None, typer.Option("--server", metavar="URL", help="The server in code samples.", show_default="the document's first server")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="NAME", help="The name of the client packages in code samples.", show_default="from the document's title"
        ),
    ] = None,
) -> None:
    """Write the reference as one HTML file that needs no network."""
    from contract import project
    from contract.docs.page import page
    from contract.openapi import document

    html = page(document.load(spec or project.find().document).bundle, server, name)
    if output is None:
        print(html)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(html, "utf-8")
