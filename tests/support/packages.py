"""Programs for interop tests, unpacked into build/interop: nothing is installed on the machine and no service starts."""

from __future__ import annotations

import json
import pwd
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "build" / "interop"
APT = ("apt-get", "-o", "Acquire::Retries=3")
NPM = ("npm", "install", "--no-audit", "--no-fund", "--omit=optional")


def debian(name: str, *packages: str) -> Path:
    """A folder with the files of these Debian packages and of those that they need and this machine has not."""
    root = FOLDER / name
    if not (root / "ready").exists():
        debs = root / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        run(*APT, "download", *sorted({*packages, *_missing(*packages)}), folder=debs)
        for deb in debs.glob("*.deb"):
            run("dpkg", "-x", str(deb), str(root))
        (root / "ready").touch()
    return root


def _missing(*packages: str) -> list[str]:
    """The packages that would be installed with these."""
    options = (*APT, "--simulate", "--no-install-recommends", "install", *packages)
    simulated = subprocess.run(options, capture_output=True, text=True, check=False)
    assert simulated.returncode == 0, f"{' '.join(options)}: {simulated.stderr}"
    return [line.split()[1] for line in simulated.stdout.splitlines() if line.startswith("Inst ")]


def libraries(root: Path) -> str:
    """Where the libraries in such a folder lie, as LD_LIBRARY_PATH has it."""
    return ":".join(map(str, [*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-linux-gnu*")]))


def npm(name: str, dependencies: dict[str, str], overrides: dict[str, str]) -> Path:
    """A folder with these packages in `node_modules`."""
    root = FOLDER / name
    if not (root / "ready").exists():
        root.mkdir(parents=True, exist_ok=True)
        described = {"name": name, "private": True, "dependencies": dependencies, "overrides": overrides}
        (root / "package.json").write_text(json.dumps(described))
        run(*NPM, folder=root)
        (root / "ready").touch()
    return root


def user(name: str) -> int:
    """The number of a system user that a daemon insists on; it is made when it is not there."""
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        run("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name)
        return pwd.getpwnam(name).pw_uid


def run(*command: str, folder: Path | None = None, environment: dict[str, str] | None = None) -> None:
    """Run to the end; what it said is shown when it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
