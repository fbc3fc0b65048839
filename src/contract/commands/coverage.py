"""`contract coverage`: which answers, media types, examples and links of a document were ever seen, and which were not."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from contract import project
from contract.openapi import document
from contract.testing import coverage_html
from contract.testing.coverage import PARTS, Coverage, Part, measure, read
from contract.testing.coverage_html import shown
from contract.traffic.observing import Seen

WHOLE = 100.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RECORD..., --spec, --url, --format, --output, --target."""
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a record of tests, a HAR file, a recorder's file")
    parser.add_argument("--spec", type=Path, help="the document (default: the project's)")
    parser.add_argument("--url", help="where its paths begin in the traffic (default: its servers)")
    parser.add_argument("--format", choices=["text", "json", "html"], default="text")
    parser.add_argument("--output", "-o", type=Path, help="the file to write (default: standard output)")
    parser.add_argument(
        "--target", type=_target, action="append", metavar="[PART=]PERCENT", help="below it the exit code is 1 (default: 100 of each part)"
    )


def run(args: argparse.Namespace) -> int:
    """1 when less was seen of a part than its target asks for."""
    loaded = document.load(args.spec or project.find().document)
    found = measure(loaded.bundle, [seen for path in args.records for seen in read(path, loaded.bundle, args.url)])
    written = coverage_html.page(loaded.bundle, found) if args.format == "html" else {"json": _json, "text": _text}[args.format](found)
    if args.output:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        args.output.write_text(written + "\n", "utf-8")
    else:
        print(written)
    return int(any(share.percent < target for share, target in zip(found.shares.values(), _targets(args.target), strict=True)))


def _target(written: str) -> tuple[str, float]:
    """`90` for all parts, `links=90` for one; a part may be named by its first word."""
    part, _, percent = written.rpartition("=")
    if part and part not in {*PARTS, "media"}:
        raise argparse.ArgumentTypeError(f"{part!r} is none of {', '.join(PARTS)}")
    try:
        target = float(percent)
    except ValueError:
        target = math.nan
    if not math.isfinite(target):
        raise argparse.ArgumentTypeError(f"{percent!r} is no number of percent")
    return ("media types" if part == "media" else part), target


def _targets(given: list[tuple[str, float]] | None) -> list[float]:
    """A target for each part, in their order."""
    wanted = dict(given or ())
    return [wanted.get(part, wanted.get("", WHOLE)) for part in PARTS]


def _text(found: Coverage) -> str:
    lines = [f"never {_verb(part)}: {shown(one)}" for part, share in found.shares.items() for one in share.missing]
    lines += [f"seen and not documented: {shown(one)}" for one in found.strange]
    for part, share in found.shares.items():
        if share.documented:
            lines.append(f"{len(share.documented) - len(share.missing)} of {len(share.documented)} {part} seen ({share.percent:.1f} %)")
    return "\n".join(lines)


def _verb(part: Part) -> str:
    return {"examples": "sent", "links": "followed"}.get(part, "seen")


def _json(found: Coverage) -> str:
    parts = {
        part: {"documented": len(share.documented), "percent": round(share.percent, 2), "missing": [_object(one) for one in share.missing]}
        for part, share in found.shares.items()
    }
    return json.dumps({"parts": parts, "strange": [_object(one) for one in found.strange]}, indent=2)


def _object(seen: Seen) -> dict[str, str]:
    return {name: value for name, value in seen._asdict().items() if value}
