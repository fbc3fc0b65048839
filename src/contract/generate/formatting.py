"""Formatting of generated modules by ruff: two short processes for all files, with the same result on every machine."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped] # ruff ships no types

from contract.errors import ContractError

TARGET = "py311"
SETTINGS = ("--isolated", "--no-cache", "--quiet", "--target-version", TARGET, "--line-length", "140")
IMPORTS = ("check", "--select", "F401,I001", "--fix")  # remove unused imports and sort the others
LAYOUT = ("format",)


def format_modules(modules: dict[str, str]) -> dict[str, str]:
    """The modules by file name, formatted. Raises ContractError for text that is not Python."""
    with tempfile.TemporaryDirectory(prefix="contract-generate-") as folder:
        for name, text in modules.items():
            Path(folder, name).write_text(text, "utf-8")
        for command in (IMPORTS, LAYOUT):
            _run([*command, *SETTINGS, "."], folder)
        return {name: Path(folder, name).read_text("utf-8") for name in modules}


def _run(arguments: list[str], folder: str) -> None:
    command = [str(find_ruff_bin()), *arguments]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - this environment's own ruff
    if process.returncode != 0:
        raise ContractError(f"The generated modules could not be formatted: {process.stderr.strip() or process.stdout.strip()}")


def format_folder(folder: Path, *, target: str) -> None:
    """Format all modules below a folder in place, for a version of Python such as py310."""
    settings = [target if setting == TARGET else setting for setting in SETTINGS]
    for command in (IMPORTS, LAYOUT):
        _run([*command, *settings, "."], str(folder))
