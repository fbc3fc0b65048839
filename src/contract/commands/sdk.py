"""`contract sdk`: a client package."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from contract import command_options
from contract.command_options import SpecArgument

EXAMPLES = command_options.examples(
    "contract sdk python --output sdk/python", "contract sdk typescript openapi.yaml --name shop --output sdk/typescript"
)


def sdk(
    language: Annotated[Literal["python", "typescript"], typer.Argument(metavar="LANGUAGE", help="python or typescript.")],
    spec: SpecArgument = None,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", "--out", metavar="DIR", help="A new folder, or one that this command wrote.")],
    named_spec: Annotated[Path | None, typer.Option("--spec", hidden=True)] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The package's name.", show_default="from the document's title")
    ] = None,
    int64: Annotated[
        Literal["number", "bigint"],
        typer.Option("--int64", metavar="TYPE", help="TypeScript: the type of 64-bit integers, number or bigint."),
    ] = "number",
) -> None:
    """Write a client package for the document, in Python or TypeScript.

    Exits with 1 if the package cannot carry a part of the document. Each such part is listed with its place and the reason.
    """
    from contract import project
    from contract.openapi import document
    from contract.sdk import python, typescript

    bundle = document.load(spec or named_spec or project.find().document).bundle
    omissions = typescript.write(bundle, output, name, int64) if language == "typescript" else python.write(bundle, output, name)
    for omission in omissions:
        print(f"not carried: {omission}", file=sys.stderr)
    print(f"wrote {os.path.relpath(output)}")
    if omissions:
        raise typer.Exit(code=1)
