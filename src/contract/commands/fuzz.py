"""`contract fuzz`: Schemathesis against a running server."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contract import project
from contract.openapi import document
from contract.testing.fuzz import CONFIG, PHASES, Run, fuzz


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SPEC, --url, --token, --phases, --max-examples, --unfollowed, --seed, --record."""
    parser.add_argument("spec", nargs="?", type=Path, metavar="SPEC", help="the document (default: the project's)")
    parser.add_argument("--url", required=True, help="where the document's paths are served, such as http://127.0.0.1:8025/api")
    parser.add_argument("--token", help="the bearer token; a schemathesis.toml in the project reads it as ${TOKEN}")
    parser.add_argument("--phases", type=phases, default=PHASES, help=f"some of {','.join(PHASES)} (default: all)")
    parser.add_argument("--max-examples", type=int, metavar="N", help="test cases for each operation and phase")
    parser.add_argument("--unfollowed", type=int, default=0, metavar="N", help="how many links may stay unfollowed (default: none)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write what was seen, for `contract coverage`")
    parser.add_argument("--seed", type=int, help="the random seed (default: the configuration's)")


def run(args: argparse.Namespace) -> int:
    """1 when a check failed or a documented link was never followed."""
    found = project.find()
    config = found.root / CONFIG
    loaded = document.load(args.spec or found.document)
    run_of = Run(
        url=args.url,
        token=args.token,
        config=config if config.is_file() and args.spec is None else None,
        max_examples=args.max_examples,
        phases=args.phases,
        seed=args.seed,
        unfollowed=args.unfollowed,
        record=args.record,
    )
    code = fuzz(loaded.bundle, run_of)
    print(
        "every documented link was followed" if code == 0 and "stateful" in args.phases and not args.unfollowed else f"exit code {code}",
        file=sys.stderr,
    )
    return code


def phases(text: str) -> tuple[str, ...]:
    """The phases of a comma-separated list. Raises argparse's error for an unknown one."""
    chosen = tuple(text.split(","))
    if unknown := set(chosen) - set(PHASES):
        raise argparse.ArgumentTypeError(f"there is no phase {', '.join(sorted(unknown))}; choose from {', '.join(PHASES)}")
    return chosen
