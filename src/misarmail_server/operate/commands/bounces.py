"""`misarmail bounce`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from contract import command_options

app = command_options.group("Analyse returned mail.")


@app.command(epilog=command_options.examples("misarmail bounce classify bounce.eml", "misarmail bounce classify --json *.eml"))
def classify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Messages as they were received.")],
    *,
    format_: Annotated[Literal["text", "json"], typer.Option("--format", help="The output format.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False,
) -> None:
    """Print what each message reports: one line per recipient, with fields separated by tabs."""
    from misarmail_server import settings
    from misarmail_server.errors import Invalid
    from misarmail_server.received.bounces import classify_output

    settings.load()
    as_text = format_ == "text" and not as_json
    try:
        print(classify_output.as_text(files) if as_text else classify_output.as_json(files))
    except OSError as error:
        raise Invalid(str(error.filename), f"Cannot be read: {error.strerror}") from error
