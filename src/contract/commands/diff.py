"""`contract diff`: what changed between two documents, and whether it breaks clients."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

from contract import project
from contract.diff import accepted, engine, handler_locations
from contract.diff.formats import FORMATS
from contract.diff.lifecycle import STABILITY, Policy
from contract.diff.vocabulary import Level
from contract.errors import ContractError
from contract.openapi.places import label


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """BASE, REVISION and how the findings are judged and written."""
    parser.add_argument(
        "documents", nargs="*", type=Path, metavar="[BASE] REVISION", help="default: the released and the project's document"
    )
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="how findings are written (default: text)")
    parser.add_argument("--fail-on", choices=[level.name for level in Level], default="ERR", help="the level that gives exit code 1")
    parser.add_argument("--stability-level", choices=STABILITY, default="beta", help="less stable operations may change (default: beta)")
    parser.add_argument("--deprecation-days", type=int, default=0, metavar="DAYS", help="days of grace that a deprecation must announce")
    parser.add_argument("--today", type=dt.date.fromisoformat, metavar="DATE", help="the day to judge sunset dates by (default: today)")


def run(args: argparse.Namespace) -> int:
    """Print the findings; 1 if one is at the level of --fail-on."""
    base, revision = _documents(args.documents)
    days = dict.fromkeys(("beta", "stable"), args.deprecation_days)
    policy = Policy(args.today or dt.datetime.fromtimestamp(time.time(), dt.UTC).date(), days, args.stability_level)
    report = _judged(engine.compare(base, revision, policy), revision)
    sys.stdout.write(FORMATS[args.format](report))
    return 1 if any(finding.level >= Level[args.fail_on] and not finding.reason for finding in report.findings) else 0


def _judged(report: engine.Report, revision: Path) -> engine.Report:
    """The report with the handlers a change touches, and with what is accepted."""
    own = project.find(revision.resolve().parent)
    findings = handler_locations.apply(report.findings, own) if revision.resolve() == own.document.resolve() else report.findings
    known = accepted.read(revision)
    for one in accepted.unused(findings, known):
        print(f"{accepted.FILE} accepts {one.rule} at {one.at}, which is not found any more", file=sys.stderr)
    return replace(report, findings=accepted.apply(findings, known))


def _documents(named: list[Path]) -> tuple[Path, Path]:
    """The base and the revision; what is not named is the project's."""
    if len(named) == 2:  # noqa: PLR2004 - a base and a revision
        return named[0], named[1]
    if len(named) > 2:  # noqa: PLR2004 - a third has no meaning
        raise ContractError("name a base and a revision, or a revision to compare with the released document")
    own = project.find().document
    return _released(own.parent / "released"), named[0] if named else own


def _released(folder: Path) -> Path:
    """The released document: of several the one whose name counts highest (v10 after v9)."""
    found = [path for path in folder.glob("*") if path.suffix in {".json", ".yaml", ".yml"}]
    if not found:
        raise ContractError(f"{label(folder)} holds no released document to compare with, name a base and a revision")
    return max(found, key=lambda path: ([int(number) for number in re.findall(r"\d+", path.stem)], path.name))
