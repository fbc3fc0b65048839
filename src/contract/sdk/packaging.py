"""A client package as files in a folder: written anew each time, and never over something that this command did not write."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from contract.errors import ContractError

MARK = ".contract-sdk"  # the file that says whose folder it is


def emptied(folder: Path) -> Path:
    """The folder, empty but for the mark. Raises ContractError where something else is in it."""
    try:
        if folder.exists() and any(folder.iterdir()):
            if not (folder / MARK).is_file():
                raise ContractError(f"{folder}: is not empty, and `contract sdk` did not write it")
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text("Written by `contract sdk`, which replaces everything in this folder.\n")
    except OSError as error:
        raise ContractError(f"{folder}: cannot be written: {error.strerror}") from error
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    """Texts by path inside the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def layer(package: str, names: Iterable[str]) -> dict[str, str]:
    """Files of the layer that is the same for every document, by name."""
    home = resources.files(package)
    return {name: (home / name).read_text("utf-8") for name in names}
