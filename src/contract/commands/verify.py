"""`contract verify`: recorded traffic against the document."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from contract import project
from contract.openapi import document
from contract.openapi.document import Document
from contract.openapi.operations import Json
from contract.traffic.overlay import overlay
from contract.traffic.reading import Base, exchanges
from contract.traffic.verification import Report, Unknown, verify

SHOWN = 3  # values of something undocumented


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """TRAFFIC..., --spec, --url, --format, --unused, --patch."""
    parser.add_argument("traffic", nargs="+", type=Path, metavar="TRAFFIC", help="a HAR file or a file of the server's recorder")
    parser.add_argument("--spec", type=Path, help="the document (default: the project's)")
    parser.add_argument("--url", help="where its paths begin in the traffic (default: its servers)")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--unused", action="store_true", help="list also what of the document no exchange used")
    parser.add_argument("--patch", type=Path, metavar="FILE", help="write what the document does not tell of as an OpenAPI Overlay")


def run(args: argparse.Namespace) -> int:
    """1 when traffic breaks the document or has what it does not tell of."""
    loaded = document.load(args.spec or project.find().document)
    base = Base(loaded.bundle, args.url)
    report = verify(loaded.bundle, (pair for path in args.traffic for pair in exchanges(path, base)))
    if args.patch:
        args.patch.write_text(yaml.safe_dump(overlay(loaded.bundle, report), sort_keys=False, allow_unicode=True), "utf-8")
    print(_json(loaded, report) if args.format == "json" else _text(loaded, report, shows_unused=args.unused))
    return int(bool(report.violations or report.unknown))


def _text(loaded: Document, report: Report, *, shows_unused: bool) -> str:
    lines = [
        f"{one.place}: {one.operation} {one.status}: {one.side}: {one.sentence}" + (f" ({one.count} times)" if one.count > 1 else "")
        for one in report.violations
    ]
    lines += [f"{_place(loaded, one)}: {_told(one)} is not documented{_values(values)}" for one, values in report.unknown.items()]
    if shows_unused:
        lines += [f"{loaded.place(pointer)}: {_named(pointer)} was never used" for pointer in report.unused]
    found = f"{len(report.violations)} violations, {len(report.unknown)} undocumented, {len(report.unused)} never used"
    return "\n".join([*lines, f"{report.exchanges} exchanges: {found}"])


def _json(loaded: Document, report: Report) -> str:
    written: Json = {
        "exchanges": report.exchanges,
        "violations": [asdict(one) for one in report.violations],
        "undocumented": [{**one._asdict(), "place": _place(loaded, one), "seen": len(values)} for one, values in report.unknown.items()],
        "unused": [{"pointer": pointer, "place": str(loaded.place(pointer))} for pointer in report.unused],
        "overlay": overlay(loaded.bundle, report),
    }
    return json.dumps(written, indent=2, ensure_ascii=False)


def _place(loaded: Document, unknown: Unknown) -> str:
    return str(loaded.place(unknown.pointer))


def _told(unknown: Unknown) -> str:
    if unknown.kind == "operation":
        return f"the operation {unknown.operation}"
    return f"the {unknown.kind} {unknown.name}" + (f" of {unknown.operation}" if unknown.operation else "")


def _values(values: list[Any]) -> str:
    shown = list(dict.fromkeys(json.dumps(value, ensure_ascii=False)[:60] for value in values))[:SHOWN]
    return f", such as {', '.join(shown)}" if shown else ""


def _named(pointer: str) -> str:
    """The last words of a pointer, enough for a person."""
    return pointer.removeprefix("/components/").replace("~1", "/")
