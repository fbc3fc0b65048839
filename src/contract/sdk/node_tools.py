"""The npm packages that write and build TypeScript clients: installed once for each lock file, in the user's cache folder."""

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
    """The folder that has their `node_modules`, made where it is not there. Raises ContractError without npm or without a registry."""
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
            write(Path(temporary, "made"), files)
            _install(npm, Path(temporary, "made"))
            _take(Path(temporary, "made"), folder)
    except OSError as error:
        raise ContractError(f"{folder}: cannot be written: {error.strerror}") from error
    return folder


def run(folder: Path, *words: str) -> None:
    """One command of those packages. Raises ContractError with what it said."""
    ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command of the locked packages
    if ran.returncode != 0:
        raise ContractError(f"{Path(words[0]).name} failed: {' '.join((ran.stderr or ran.stdout).split())[-600:]}")


def _install(npm: str, folder: Path) -> None:
    run(folder, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")


def _take(made: Path, folder: Path) -> None:
    """Move it to its place; somebody else may have been first."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "contract-sdk"
