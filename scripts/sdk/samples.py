"""Writes the Python sample of every operation of the platform to a folder, for a type checker."""

from __future__ import annotations

import sys
from pathlib import Path

from contract.docs.samples import Samples
from contract.openapi import document

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Write a file for each operation into the folder of the first argument."""
    samples = Samples(document.load(ROOT / "openapi" / "openapi.yaml").bundle, "https://mail.example.com/api", "misarmail")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for method in samples.plan.methods:
        text = next(sample.text for sample in samples.of(method) if sample.language == "Python")
        folder.joinpath(f"sample_{method.name}.py").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
