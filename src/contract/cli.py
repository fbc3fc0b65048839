"""`contract`: one sub-command per file of `contract.commands`; this module only finds them and turns known failures into exit code 2."""

from __future__ import annotations

import argparse
import importlib
import sys

from contract.errors import ContractError

COMMANDS = ("lint", "bundle", "diff", "generate", "dev", "mock", "sdk", "fuzz", "coverage", "verify", "docs")


def main(argv: list[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 findings, 2 wrong use or a document that cannot be read."""
    parser = argparse.ArgumentParser(prog="contract", description="Design, check, serve and test an HTTP API by its OpenAPI document.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    arguments = sys.argv[1:] if argv is None else argv
    wanted = next((word for word in arguments if word in COMMANDS), None)
    for name in COMMANDS:
        # Only the wanted command is imported: connexion and schemathesis take a second each.
        sub = commands.add_parser(name, help=SUMMARIES[name], description=SUMMARIES[name])
        if name == wanted:
            module = importlib.import_module(f"contract.commands.{name}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2


SUMMARIES = {
    "lint": "Check a document against the specification and the house rules.",
    "bundle": "Write a document and all it refers to as one file, in 3.1 or projected to 3.0.",
    "diff": "Say what changed between two documents and whether it breaks clients.",
    "generate": "Write models, protocols, bindings and handler stubs from the document.",
    "dev": "Serve the document as it is edited: real handlers where they exist, examples where not.",
    "mock": "Serve the document's examples, and what is posted.",
    "sdk": "Write a client package for the document, in Python or TypeScript.",
    "fuzz": "Run Schemathesis against a running server.",
    "coverage": "Say which answers, media types, examples and links were ever seen.",
    "verify": "Compare recorded traffic with the document.",
    "docs": "Write the reference as one HTML file.",
}


if __name__ == "__main__":
    sys.exit(main())
