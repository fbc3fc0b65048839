"""`contract sdk`: a client package for a document."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from contract import project
from contract.openapi import document
from contract.openapi.operations import Json
from contract.sdk import python, typescript

WRITERS: dict[str, Callable[[Json, Path, str | None], list[str]]] = {"python": python.write, "typescript": typescript.write}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """LANGUAGE, --output, --spec, --name."""
    parser.add_argument("language", choices=WRITERS)
    parser.add_argument("-o", "--output", "--out", type=Path, required=True, metavar="DIR", help="a new folder, or one this command wrote")
    parser.add_argument("--spec", type=Path, help="the document (default: the project's)")
    parser.add_argument("--name", help="the package's name (default: from the document's title)")


def run(args: argparse.Namespace) -> int:
    """1 when the generator could not carry an operation; the package has all others."""
    bundle = document.load(args.spec or project.find().document).bundle
    left_out = WRITERS[args.language](bundle, args.output, args.name)
    for one in left_out:
        print(f"left out, the generator cannot carry it: {one}", file=sys.stderr)
    print(f"wrote {os.path.relpath(args.output)}")
    return 1 if left_out else 0
