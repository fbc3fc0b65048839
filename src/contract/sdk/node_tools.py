"""The npm packages that generate and build TypeScript clients, installed once per lock file in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from contract.errors import ContractError
from contract.sdk.packaging import layer, write

FILES = ("package.json", "package-lock.json")
PACKAGE = "contract.sdk.typescript_tools"


def tools() -> Path:
    """The folder with their `node_modules`, installed if necessary. Raises ContractError without npm or a registry."""
    files = layer(PACKAGE, FILES)
    digest = hashlib.sha256(files["package-lock.json"].encode()).hexdigest()[:16]
    folder = _cache() / f"typescript-{digest}"
    if folder.is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise ContractError("npm is not installed; `contract sdk typescript` needs Node.js 20 or later")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            write(Path(temporary, "installed"), files)
            _install(npm, Path(temporary, "installed"))
            _move(Path(temporary, "installed"), folder)
    except OSError as error:
        raise ContractError(f"{folder}: cannot be written: {error.strerror}") from error
    return folder


def run(folder: Path, *command: str) -> None:
    """Run a command of these packages. Raises ContractError with its output."""
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command of the locked packages
    if process.returncode != 0:
        raise ContractError(f"{Path(command[0]).name} failed: {' '.join((process.stderr or process.stdout).split())[-600:]}")


def _install(npm: str, folder: Path) -> None:
    run(folder, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")


def _move(source: Path, folder: Path) -> None:
    """Move the folder to its final path; another process may have been faster."""
    try:
        source.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "contract-sdk"
