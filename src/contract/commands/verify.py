"""`contract verify`: recorded traffic against the document."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from contract import command_options, terminal
from contract.command_options import SpecOption

FINDING_STYLES = r"^(?P<bold>\S.*?:\d+:\d+): "
EXAMPLES = command_options.examples(
    "contract verify traffic.har --url http://127.0.0.1:8025/api", "contract verify traffic.har --spec openapi.yaml --patch overlay.yaml"
)


def verify(
    traffic: Annotated[list[Path], typer.Argument(metavar="TRAFFIC...", help="HAR files or files of the server's recorder.")],
    *,
    spec: SpecOption = None,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The base URL of the API in the traffic.", show_default="its servers")
    ] = None,
    format_: Annotated[Literal["text", "json"], typer.Option("--format", help="The output format.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False,
    unused: Annotated[bool, typer.Option("--unused", help="Also list the parts of the document that no exchange used.")] = False,
    patch: Annotated[
        Path | None, typer.Option("--patch", metavar="FILE", help="Write an OpenAPI Overlay that documents the undocumented parts.")
    ] = None,
) -> None:
    """Compare recorded traffic with the document.

    Exits with 1 if an exchange breaks the document or uses something undocumented.
    """
    import yaml

    from contract import project
    from contract.openapi import document
    from contract.traffic import verification, verification_formats
    from contract.traffic.overlay import overlay
    from contract.traffic.reading import Base, exchanges

    loaded = document.load(spec or project.find().document)
    base = Base(loaded.bundle, url)
    report = verification.verify(loaded.bundle, (pair for path in traffic for pair in exchanges(path, base)))
    if patch:
        patch.write_text(yaml.safe_dump(overlay(loaded.bundle, report), sort_keys=False, allow_unicode=True), "utf-8")
    if as_json or format_ == "json":
        print(verification_formats.as_json(loaded, report))
    else:
        terminal.print_highlighted(f"{verification_formats.text(loaded, report, shows_unused=unused)}\n", FINDING_STYLES)
    if report.violations or report.unknown:
        raise typer.Exit(code=1)
