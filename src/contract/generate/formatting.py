"""Generated modules as ruff formats them: two short processes for all files, the same result wherever they run."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped] # ruff ships no types

from contract.errors import ContractError

SETTINGS = ("--isolated", "--no-cache", "--quiet", "--target-version", "py311", "--line-length", "140")
IMPORTS = ("check", "--select", "F401,I001", "--fix")  # unused ones go, the others are sorted
LAYOUT = ("format",)


def formatted(modules: dict[str, str]) -> dict[str, str]:
    """The modules by file name, formatted. Raises ContractError for text that is not Python."""
    with tempfile.TemporaryDirectory(prefix="contract-generate-") as folder:
        for name, text in modules.items():
            Path(folder, name).write_text(text, "utf-8")
        for words in (IMPORTS, LAYOUT):
            _run([*words, *SETTINGS, "."], folder)
        return {name: Path(folder, name).read_text("utf-8") for name in modules}


def _run(words: list[str], folder: str) -> None:
    command = [str(find_ruff_bin()), *words]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - this environment's own ruff
    if ran.returncode != 0:
        raise ContractError(f"The generated modules could not be formatted: {ran.stderr.strip() or ran.stdout.strip()}")


def format_folder(folder: Path, *, leave: str) -> None:
    """All modules below a folder in place. Those of the sub-folder `leave` keep their imports as they are."""
    _run([*LAYOUT, *SETTINGS, "."], str(folder))
    _run([*IMPORTS, *SETTINGS, "--extend-exclude", leave, "."], str(folder))
