#!/usr/bin/env python3
"""Render docs/diagrams/*.mmd to SVG; needs Node.js and npm. With --check, which needs neither, exit with 1 where an SVG is out of date."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "scripts" / "docs" / "diagrams"
BUILT = ROOT / "build" / "diagrams"


def main() -> int:
    """1 when a diagram is out of date and was to be checked only."""
    sources = sorted((ROOT / "docs" / "diagrams").glob("*.mmd"))
    if "--check" not in sys.argv[1:]:
        render(sources)
        return 0
    stale = [source for source in sources if not is_rendered(source)]
    for source in stale:
        print(f"{source.relative_to(ROOT)} was changed after its SVG was made; run scripts/docs/diagrams.py", file=sys.stderr)
    return 1 if stale else 0


def is_rendered(source: Path) -> bool:
    """Whether the SVG beside a diagram was made from it."""
    picture = source.with_suffix(".svg")
    return picture.exists() and hashlib.sha256(source.read_bytes()).hexdigest() in picture.read_text().partition("\n")[0]


def render(sources: list[Path]) -> None:
    """Install the renderer as its lock file pins it, and write an SVG for each diagram."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for file in TOOL.iterdir():
        shutil.copy(file, BUILT)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=BUILT, check=True)
    subprocess.run(["node", str(BUILT / "render.mjs"), *map(str, sources)], check=True)


if __name__ == "__main__":
    sys.exit(main())
