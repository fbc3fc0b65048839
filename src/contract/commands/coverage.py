"""`contract coverage`: which documented answers were ever seen, and which were not."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from contract import document, project
from contract.coverage import Coverage, Pair, measure, read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RECORD..., --spec, --format, --target."""
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="exchanges, one JSON object a line")
    parser.add_argument("--spec", type=Path, help="the document (default: the project's)")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--target", type=float, default=100.0, metavar="PERCENT", help="below it the exit code is 1 (default: 100)")


def run(args: argparse.Namespace) -> int:
    """1 when less was seen than the target asks for."""
    loaded = document.load(args.spec or project.find().document)
    found = measure(loaded.bundle, [pair for path in args.records for pair in read(path)])
    print(_json(found) if args.format == "json" else _text(found))
    return 0 if found.percent >= args.target else 1


def _text(found: Coverage) -> str:
    lines = [f"never seen: {_shown(pair)}" for pair in found.missing]
    lines += [f"seen and not documented: {_shown(pair)}" for pair in found.strange]
    seen = len(found.documented) - len(found.missing)
    return "\n".join([*lines, f"{seen} of {len(found.documented)} documented answers seen ({found.percent:.1f} %)"])


def _json(found: Coverage) -> str:
    numbers = {"documented": len(found.documented), "percent": round(found.percent, 2)}
    pairs = {name: [pair._asdict() for pair in part] for name, part in (("missing", found.missing), ("strange", found.strange))}
    return json.dumps({**numbers, **pairs}, indent=2)


def _shown(pair: Pair) -> str:
    return f"{pair.operation} {pair.status or 'default'}"
