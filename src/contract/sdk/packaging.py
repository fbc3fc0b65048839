"""The files of a client package. A folder that this command did not write is never overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from contract.errors import ContractError

MARKER = ".contract-sdk"  # the file that marks a folder as written by this command


def prepare_folder(folder: Path) -> Path:
    """An empty folder with the marker. Raises ContractError if the folder has other contents."""
    try:
        if folder.exists() and any(folder.iterdir()):
            if not (folder / MARKER).is_file():
                raise ContractError(f"{folder}: is not empty, and `contract sdk` did not write it")
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text("Written by `contract sdk`, which replaces everything in this folder.\n")
    except OSError as error:
        raise ContractError(f"{folder}: cannot be written: {error.strerror}") from error
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    """Write texts by path inside the folder. A lone surrogate, which UTF-8 cannot hold, becomes `?`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", "replace")


def layer(package: str, names: Iterable[str]) -> dict[str, str]:
    """Files of the layer that all clients share, by name."""
    folder = resources.files(package)
    return {name: (folder / name).read_text("utf-8") for name in names}
