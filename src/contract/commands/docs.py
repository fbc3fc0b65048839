"""`contract docs`: the reference as one HTML file that works without a network."""

from __future__ import annotations

import argparse
from pathlib import Path

from contract import project
from contract.docs.page import page
from contract.openapi import document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SPEC, --output, --server."""
    parser.add_argument("spec", nargs="?", type=Path, metavar="SPEC", help="the document (default: the project's)")
    parser.add_argument("--output", "-o", type=Path, help="the file to write (default: standard output)")
    parser.add_argument("--server", metavar="URL", help="where its samples send their requests (default: the document's first server)")


def run(args: argparse.Namespace) -> int:
    """0 when it was written."""
    loaded = document.load(args.spec or project.find().document)
    html = page(loaded.bundle, args.server)
    if args.output is None:
        print(html)
        return 0
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(html, "utf-8")
    return 0
