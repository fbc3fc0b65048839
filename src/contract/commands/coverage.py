"""`contract coverage`: which responses, media types, examples and links of a document were ever seen, and which were not."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from contract import command_options, terminal
from contract.command_options import SpecOption
from contract.testing.coverage_parts import PARTS, Part

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from contract.testing.coverage import Coverage

FULL = 100.0
ALIASES: dict[Part, str] = {"responses": "answers"}
MISSING_STYLES = "^(?P<red>never [a-z]+): |^(?P<yellow>seen and not documented): "
EXAMPLES = command_options.examples(
    "contract coverage build/exchanges.jsonl",
    "contract coverage traffic.har --spec openapi.yaml --target 80 --target links=0",
    "contract coverage seen.jsonl --format html -o coverage.html",
)


class CoverageTarget(NamedTuple):
    """The percentage that a part must reach; every part for None."""

    part: Part | None
    percent: float


def parse_target(text: str) -> CoverageTarget:
    """`90` for all parts, `links=90` for one; `media` stands for media types, `answers` for responses."""
    name, _, number = text.rpartition("=")
    part = next((part for part in PARTS if name in {part, part.split()[0], ALIASES.get(part)}), None)
    if name and part is None:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(PARTS)}.")
    try:
        percent = float(number)
    except ValueError:
        percent = math.nan
    if not math.isfinite(percent):
        raise typer.BadParameter(f"{number!r} is not a percentage.")
    return CoverageTarget(part, percent)


def coverage(
    records: Annotated[list[Path], typer.Argument(metavar="RECORD...", help="Records of tests, HAR files and the recorder's files.")],
    *,
    spec: SpecOption = None,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The base URL of the API in the traffic.", show_default="its servers")
    ] = None,
    format_: Annotated[Literal["text", "json", "html"], typer.Option("--format", help="The output format.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file to write.", show_default="standard output")
    ] = None,
    target: Annotated[
        list[CoverageTarget] | None,
        typer.Option(
            "--target",
            parser=parse_target,
            metavar="[PART=]PERCENT",
            help="Exit with 1 below this percentage.",
            show_default="100 for each part",
        ),
    ] = None,
) -> None:
    """Report which responses, media types, examples and links of a document were never seen.

    Exits with 1 if the coverage of a part is below its target.
    """
    from contract import project
    from contract.openapi import document
    from contract.testing.coverage import measure, read
    from contract.testing.coverage_formats import FORMATS

    loaded = document.load(spec or project.find().document)
    measured = measure(loaded.bundle, [seen for path in records for seen in read(path, loaded.bundle, url)])
    text = FORMATS["json" if as_json else format_](loaded.bundle, measured)
    if output is None:
        terminal.print_highlighted(f"{text}\n", MISSING_STYLES if text.startswith(("never", "seen")) else terminal.NO_STYLES)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text + "\n", "utf-8")
    if _is_below(measured, target or []):
        raise typer.Exit(code=1)


def _is_below(measured: "Coverage", targets: list[CoverageTarget]) -> bool:
    """Whether a part is below its target: its own, else the one for all parts, else 100; the last of several counts."""
    wanted = {target.part: target.percent for target in targets}
    return any(share.percent < wanted.get(part, wanted.get(None, FULL)) for part, share in measured.shares.items())
