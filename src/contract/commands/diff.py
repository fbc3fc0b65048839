"""`contract diff`: what changed between two documents, and whether it breaks clients."""

import datetime as dt
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from contract import command_options, terminal

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from contract.diff.engine import DiffReport

EXAMPLES = command_options.examples(
    "contract diff", "contract diff released.json openapi.yaml --format markdown", "contract diff --fail-on WARN --deprecation-days 90"
)
LEVEL_STYLES = r"^(?:(?P<red>ERR)|(?P<yellow>WARN)|(?P<cyan>INFO)) +(?P<bold>[\w-]+):"


def parse_date(text: str) -> dt.date:
    """A date as YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write YYYY-MM-DD.") from None


def diff(
    documents: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[BASE] [REVISION]", help="The documents.", show_default="the released and the project's document"),
    ] = None,
    *,
    format_: Annotated[Literal["text", "json", "markdown"], typer.Option("--format", help="The output format.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False,
    fail_on: Annotated[Literal["INFO", "WARN", "ERR"], typer.Option("--fail-on", help="The lowest level that exits with 1.")] = "ERR",
    stability_level: Annotated[
        Literal["draft", "alpha", "beta", "stable"],
        typer.Option("--stability-level", help="Less stable operations may change."),
    ] = "beta",
    deprecation_days: Annotated[
        int,
        typer.Option(
            "--deprecation-days",
            parser=command_options.whole_number(0, 36_500),
            metavar="DAYS",
            help="How many days before its sunset a deprecation must be announced.",
        ),
    ] = 0,
    today: Annotated[
        dt.date | None,
        typer.Option("--today", parser=parse_date, metavar="DATE", help="The date for judging sunsets.", show_default="today"),
    ] = None,
) -> None:
    """Report what changed between two documents and whether it breaks clients.

    Exits with 1 if a change is breaking, that is, at the level of --fail-on or above.
    """
    from contract.diff import engine
    from contract.diff.report_formats import FORMATS
    from contract.diff.rule_levels import Level
    from contract.diff.rules.lifecycle import LifecyclePolicy

    base, revision = _documents(documents or [])
    days = dict.fromkeys(("beta", "stable"), deprecation_days)
    policy = LifecyclePolicy(today or dt.datetime.fromtimestamp(time.time(), dt.UTC).date(), days, stability_level)
    report = _with_project(engine.compare(base, revision, policy), revision)
    chosen = "json" if as_json else format_
    terminal.print_highlighted(FORMATS[chosen](report), LEVEL_STYLES if chosen == "text" else terminal.NO_STYLES)
    if any(finding.level >= Level[fail_on] and not finding.reason for finding in report.findings):
        raise typer.Exit(code=1)


def _with_project(report: "DiffReport", revision: Path) -> "DiffReport":
    """The report with the handlers that each change affects, and with the project's accepted changes marked."""
    from contract import project
    from contract.diff import accepted, handler_locations

    own = project.find(revision.resolve().parent)
    findings = handler_locations.apply(report.findings, own) if revision.resolve() == own.document.resolve() else report.findings
    known = accepted.read(revision)
    for entry in accepted.unused(findings, known):
        print(f"{accepted.FILE} accepts {entry.rule} at {entry.at}, which no longer occurs", file=sys.stderr)
    return replace(report, findings=accepted.apply(findings, known))


def _documents(named: list[Path]) -> tuple[Path, Path]:
    """The base and the revision; the project's documents are the defaults."""
    from contract import project
    from contract.errors import ContractError

    if len(named) == 2:  # noqa: PLR2004 - a base and a revision
        return named[0], named[1]
    if len(named) > 2:  # noqa: PLR2004 - a third has no meaning
        raise ContractError("name a base and a revision, or a revision to compare with the released document")
    own = project.find().document
    return _released(own.parent / "released"), named[0] if named else own


def _released(folder: Path) -> Path:
    """The released document with the highest version in its name (v10 after v9)."""
    from contract.errors import ContractError
    from contract.openapi.locations import label

    released = [path for path in folder.glob("*") if path.suffix in {".json", ".yaml", ".yml"}]
    if not released:
        raise ContractError(f"{label(folder)} contains no released document; name a base and a revision")
    return max(released, key=lambda path: ([int(number) for number in re.findall(r"\d+", path.stem)], path.name))
