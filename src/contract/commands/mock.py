"""`contract mock`: serve the document's examples, and what is posted."""

from __future__ import annotations

import argparse
from pathlib import Path

from contract import project
from contract.dev.serving import HOST, background_loop, listen
from contract.mocking.mock import DOCS, Options, application
from contract.openapi import document
from contract.openapi.servers import base_path

PORT = 8026


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SPEC, --empty, --stateless, --token, --port."""
    parser.add_argument("spec", nargs="?", type=Path, metavar="SPEC", help="the document (default: the project's)")
    parser.add_argument("--empty", action="store_true", help="begin without the things that the document's examples show")
    parser.add_argument("--stateless", action="store_true", help="answer examples only; remember nothing")
    parser.add_argument("--token", help="the one credential to take (default: any)")
    parser.add_argument("--port", type=int, default=PORT, help=f"where to listen; 0 takes a free port (default: {PORT})")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    bundle = document.load(args.spec or project.find().document).bundle
    app = application(bundle, background_loop(), None, Options(remembers=not args.stateless, has_seeds=not args.empty, token=args.token))
    server = listen(app, args.port)
    address = f"http://{HOST}:{server.port}{base_path(bundle)}"
    print(f"mock of {bundle['info']['title']} on {address}, documentation on {address}{DOCS}", flush=True)
    server.serve_forever()
    return 0
