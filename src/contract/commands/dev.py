"""`contract dev`: serve the document as it is edited."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from contract import project
from contract.dev.server import Dev
from contract.dev.serving import HOST, listen
from contract.mocking.mock import DOCS

PORT = 8027


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SPEC, --port."""
    parser.add_argument("spec", nargs="?", type=Path, metavar="SPEC", help="the document (default: the project's)")
    parser.add_argument("--port", type=int, default=PORT, help=f"where to listen; 0 takes a free port (default: {PORT})")


def run(args: argparse.Namespace) -> int:
    """Serve and reload until Ctrl-C."""
    found = project.find()
    dev = Dev(args.spec or found.document, found)
    server = listen(dev.served, args.port)
    restart = [sys.executable, "-m", "contract.cli", "dev", *([str(args.spec)] if args.spec else []), "--port", str(server.port)]
    threading.Thread(target=dev.follow, args=(restart,), daemon=True).start()
    print(f"on http://{HOST}:{server.port}, documentation on http://{HOST}:{server.port}{DOCS}", flush=True)
    server.serve_forever()
    return 0
