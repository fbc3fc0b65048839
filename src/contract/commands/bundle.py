"""`contract bundle`: a document and all files it refers to as one document."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from contract import command_options
from contract.command_options import SpecArgument

EXAMPLES = command_options.examples("contract bundle -o api.json", "contract bundle openapi.yaml --openapi 3.0 -o api.yaml")


def bundle(
    spec: SpecArgument = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="YAML for .yaml and .yml, JSON otherwise.", show_default="standard output"),
    ] = None,
    version: Annotated[Literal["3.0", "3.1"], typer.Option("--openapi", help="The version of OpenAPI to write.")] = "3.1",
) -> None:
    """Write a document and all files it refers to as one document.

    With --openapi 3.0, what OpenAPI 3.0 cannot express is reported on standard error.
    """
    from contract import project
    from contract.compilable import with_uri_references
    from contract.openapi import document, serialization
    from contract.openapi.projection import to_30

    loaded = document.load(spec or project.find().document)
    bundled = with_uri_references(loaded.bundle)
    if version == "3.0":
        bundled, dropped = to_30(bundled)
        for pointer in dropped:
            print(f"{loaded.location(pointer)}: left out, OpenAPI 3.0 cannot express it: {pointer}", file=sys.stderr)
    if output is None:
        sys.stdout.write(serialization.as_json(bundled))
    else:
        serialization.write(bundled, output)
