"""Waiting times: `misarmail serve` to its first response on a fresh and an existing folder, `contract lint`, `generate` and `diff`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import servers
import versions

READY = "/healthz"
ROUNDS = 3
START_TARGET, TOOLKIT_TARGET, DIFF_TARGET = 1.5, 3.0, 1.0


def main() -> int:
    """Print the medians and their targets."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    fresh, existing = zip(*(starts() for _ in range(ROUNDS)), strict=True)
    toolkit = median(timed(("contract", "lint")) + timed(("contract", "generate", "--check")) for _ in range(ROUNDS))
    with tempfile.TemporaryDirectory(prefix="bench-diff-") as folder:
        pair = versions.write(Path(folder))
        diff = median(timed(("contract", "diff", *pair)) for _ in range(ROUNDS))
    own = median(timed(("contract", "diff")) for _ in range(ROUNDS))
    print(f"{'seconds, median of ' + str(ROUNDS):48}{'measured':>10}{'target':>10}")
    for label, seconds, target in (
        ("start to first answer, fresh folder", median(fresh), START_TARGET),
        ("start to first answer, existing folder", median(existing), START_TARGET),
        ("contract lint + contract generate --check", toolkit, TOOLKIT_TARGET),
        ("contract diff of two documents of 100 operations", diff, DIFF_TARGET),
        ("contract diff of our document", own, DIFF_TARGET),
    ):
        print(f"{label:48}{seconds:10.2f}{target:10.2f}  {'met' if seconds <= target else 'MISSED'}")
    return 0


def starts() -> tuple[float, float]:
    """Seconds to the first response on a new folder, then on the same folder again."""
    with tempfile.TemporaryDirectory(prefix="bench-start-") as folder:
        server = servers.Server(
            "misarmail serve", (str(servers.BIN / "misarmail"), "serve", "--port", "{port}"), {"MISARMAIL_STATE": folder}
        )
        return start(server), start(server)


def start(server: servers.Server) -> float:
    """Seconds from the command to its first response."""
    began = time.perf_counter()
    with servers.running(server, READY):
        return time.perf_counter() - began


def timed(command: tuple[str, ...]) -> float:
    """Seconds of one command of the environment, run in the project's folder. Raises SystemExit when it fails."""
    root = Path(__file__).resolve().parents[2]
    began = time.perf_counter()
    done = subprocess.run((servers.BIN / command[0], *command[1:]), cwd=root, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode not in {0, 1}:  # findings and drift take the same time
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
