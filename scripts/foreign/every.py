"""All foreign documents through all commands, two at a time; then one mypy run over what was generated, and the report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FETCHED = ROOT / "build" / "foreign"
LIMIT = 600  # seconds for one document
STEPS = ("bundle", "3.0", "generate", "mypy", "mock", "diff", "docs", "lint")
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A document. `expect`: step -> [beginning of what is found, reason]; `refused` is the same for one that must be refused."""

    folder: str
    path: str
    why: str
    short: bool = False
    expect: dict[str, list[str]] | None = None
    refused: list[str] | None = None

    @property
    def name(self) -> str:
        """Its package and path."""
        return f"{self.folder}/{self.path}".removeprefix("node_modules/").removeprefix("sdists/")

    @property
    def package(self) -> str:
        """The name of what is generated of it."""
        return "g_" + "".join(sign if sign.isalnum() else "_" for sign in self.name).lower()


def main(words: list[str]) -> int:
    """0 when every document gave what is expected of it."""
    folders = tomllib.loads((HERE / "documents.toml").read_text())["folder"]
    wanted = [Foreign(folder["path"], **one) for folder in folders for one in folder["documents"]]
    wanted = [one for one in wanted if one.short or "--short" not in words]
    work = FETCHED / "work"
    shutil.rmtree(work, ignore_errors=True)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda one: tried(one, work), wanted))
    wrong_types = typed([one for one, found in zip(wanted, results, strict=True) if "refused" not in found], work)
    for one, found in zip(wanted, results, strict=True):
        if "refused" not in found:
            found["steps"]["mypy"] = [wrong_types.get(one.package, "ok"), 0]
    pairs = list(zip(wanted, results, strict=True))
    (FETCHED / "report.md").write_text("\n".join(report(pairs)))
    faults = [f"{one.name}: {fault}" for one, found in pairs for fault in faulty(one, found)]
    print("\n".join([*faults, f"{len(wanted)} documents, {len(faults)} faults: build/foreign/report.md"]))
    return int(bool(faults))


def tried(one: Foreign, work: Path) -> Result:
    """What a process of its own found out about a document."""
    command = [sys.executable, "-W", "ignore", HERE / "work.py", FETCHED / one.folder / one.path, work / one.package, one.package]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        found: Result = json.loads(ran.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        found = {"steps": {"bundle": [f"took more than {LIMIT} seconds", LIMIT]}}
    except (IndexError, json.JSONDecodeError):
        found = {"steps": {"bundle": [f"TRACEBACK {ran.stderr[-500:]}", 0]}}
    return found


def typed(generated: list[Foreign], work: Path) -> dict[str, str]:
    """The first error of strict mypy by package; one run for all."""
    whole = work / "typed"
    whole.mkdir(parents=True)
    words: list[str] = []
    for one in generated:
        for name in (one.package, f"{one.package}_handlers"):
            if (work / one.package / name).is_dir():
                (whole / name).symlink_to(work / one.package / name)
                words += ["-p", name]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", FETCHED / "mypy", *words]
    ran = subprocess.run(command, cwd=whole, env={**os.environ, "MYPYPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for line in ran.stdout.splitlines():
        found.setdefault(line.partition("/")[0].removesuffix("_handlers"), line)
    return found


def faulty(one: Foreign, found: Result) -> Iterator[str]:
    """What was not expected."""
    if one.refused is not None:
        text = found.get("refused", "")
        if one.refused[0] not in text or "TRACEBACK" in text or len(text.splitlines()) != 1:
            yield f"should be refused with {one.refused[0]!r}: {text or found['steps']}"
        return
    for step, (text, _) in found["steps"].items():
        expected = (one.expect or {}).get(step)
        if not text.startswith(expected[0] if expected else "ok"):
            yield f"{step}: {text}"


def report(pairs: list[tuple[Foreign, Result]]) -> Iterator[str]:
    """A table, then what each document has that cannot be carried."""
    yield "# Foreign documents\n\nSeconds by step; `-` was not reached.\n"
    yield f"| document | why | operations | {' | '.join(STEPS)} | MB |"
    yield f"| --- | --- | --- |{' --- |' * (len(STEPS) + 1)}"
    for one, found in pairs:
        cells = [cell(*found["steps"].get(step, ["-", 0])) for step in STEPS]
        yield f"| {one.name} | {one.why} | {found.get('operations', '-')} | {' | '.join(cells)} | {found.get('memory', '-')} |"
    yield "\n## Refused, and not as documented\n"
    for one, found in pairs:
        for step, reason in {**(one.expect or {}), **({"document": one.refused} if one.refused else {})}.items():
            said = found.get("refused") or found["steps"][step][0]
            yield f"- {one.name}: {step}: {reason[1]} (`{said[:200]}`)"
    yield "\n## Not carried by 3.0\n"
    for _, found in pairs:
        yield from (f"- {line.removeprefix(f'{ROOT}/')}" for line in found.get("left_out", ()))
    yield "\n## Not told apart by types, carried as plain values\n"
    yield from (
        f"- {one.name}: {line.removesuffix('; it is carried as plain values')}" for one, found in pairs for line in found.get("plain", ())
    )


def cell(text: str, seconds: float) -> str:
    """A step in the table: its seconds where it went well."""
    if text == "-":
        return text
    return f"{seconds:g}" if text.startswith("ok") else f"**{text.splitlines()[0][:60]}**".replace("|", "/")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
