"""`contract bundle`: a document and all it refers to as one file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import yaml
from typing_extensions import override

from contract import project
from contract.errors import ContractError
from contract.openapi import document
from contract.openapi.operations import Json
from contract.openapi.projection import to_30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SPEC, -o, --openapi."""
    parser.add_argument("spec", nargs="?", type=Path, metavar="SPEC", help="the document (default: the project's)")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write; YAML if it ends in .yaml (default: standard output)"
    )
    parser.add_argument("--openapi", choices=["3.0", "3.1"], default="3.1", help="the version to write (default: 3.1)")


def run(args: argparse.Namespace) -> int:
    """Write the bundle; what a 3.0 document cannot say goes to standard error."""
    loaded = document.load(args.spec or project.find().document)
    found = loaded.bundle
    if args.openapi == "3.0":
        found, dropped = to_30(found)
        for pointer in dropped:
            print(f"{loaded.place(pointer)}: left out, 3.0 cannot say it: {pointer}", file=sys.stderr)
    _write(found, args.output)
    return 0


def _write(found: Json, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(as_json(found))
        return
    text = as_yaml(found) if output.suffix in {".yaml", ".yml"} else as_json(found)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ContractError(f"{output}: cannot be written: {error.strerror}") from error


def as_json(found: Json) -> str:
    """Two-space indented JSON, keys in the document's order."""
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def as_yaml(found: Json) -> str:
    """YAML without aliases, keys in the document's order."""
    return yaml.dump(found, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=140)


class _Plain(yaml.SafeDumper):
    @override
    def ignore_aliases(self, data: object) -> bool:
        """Data shared in memory is still written out twice."""
        del data
        return True
