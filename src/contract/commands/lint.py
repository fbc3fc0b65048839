"""`contract lint`: a document against the specification and the house rules."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contract import project
from contract.errors import ContractError
from contract.lint.engine import explanations, lint
from contract.lint.fixing import fix
from contract.lint.formats import FORMATS
from contract.openapi.places import label


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SPEC, --format, --fix, --rules, --explain."""
    parser.add_argument("spec", nargs="?", type=Path, metavar="SPEC", help="the document (default: the project's)")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="how findings are written (default: text)")
    parser.add_argument("--fix", action="store_true", help="mend first what there is only one way to mend")
    parser.add_argument("--rules", action="store_true", help="list the rules")
    parser.add_argument("--explain", metavar="RULE", help="say what a rule asks for and how it is tuned")


def run(args: argparse.Namespace) -> int:
    """Print the findings; 1 if there are any."""
    if args.rules or args.explain:
        return _explain(args.explain)
    path = args.spec or project.find().document
    changed, findings = fix(path) if args.fix else ([], lint(path))
    for file in changed:
        print(f"changed {label(file)}", file=sys.stderr)
    sys.stdout.write(FORMATS[args.format](findings))
    if args.format == "text":
        print(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}", file=sys.stderr)
    return 1 if findings else 0


def _explain(name: str | None) -> int:
    known = explanations()
    if name is None:
        width = max(len(rule) for rule in known)
        print("\n".join(f"{rule:{width}}  {text.splitlines()[0]}" for rule, text in known.items()))
        return 0
    if name not in known:
        raise ContractError(f"there is no rule {name!r}, `contract lint --rules` lists them")
    print(f"{name}: {known[name]}")
    return 0
