"""`contract generate`: models, protocols, bindings, codes and stubs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from contract import project
from contract.generate import package


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 and show the difference when something is not up to date"
    )
    parser.add_argument(
        "--verbose", action="store_true", help="list every constraint that stays in the schema because a type cannot carry it"
    )


def run(args: argparse.Namespace) -> int:
    """Exit code 0 when all is up to date or written, 1 when --check found drift."""
    generated = package.generate(project.find())
    if args.check:
        return _check(generated)
    for path in package.write(generated):
        print(f"wrote {_shown(path)}")
    print(f"{len(generated.left_out)} constraints stay in the schemas, which decide; models carry the values (--verbose lists them)")
    for place in generated.plain:
        print(f"{place} cannot be told apart by a type; it is carried as plain values")
    if args.verbose:
        print("\n".join(generated.left_out))
    return 0


def _check(generated: package.Generated) -> int:
    differences = list(package.drift(generated))
    for one in differences:
        print(one, end="")
    if differences:
        print("The generated files are not up to date: run `contract generate`")
    return 1 if differences else 0


def _shown(path: Path) -> str:
    return os.path.relpath(path)
