"""Runs all commands on all third-party documents, two at a time; then mypy once on the generated packages, and writes the report."""

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
class Document:
    """A document. `expect`: step -> [beginning of its result, reason]; `refused` is the same for one that must be refused."""

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
        """The name of the package that is generated from it."""
        return "g_" + "".join(sign if sign.isalnum() else "_" for sign in self.name).lower()


def main(words: list[str]) -> int:
    """0 when every document gave the expected results."""
    folders = tomllib.loads((HERE / "documents.toml").read_text())["folder"]
    wanted = [Document(folder["path"], **document) for folder in folders for document in folder["documents"]]
    wanted = [document for document in wanted if document.short or "--short" not in words]
    work = FETCHED / "work"
    shutil.rmtree(work, ignore_errors=True)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda document: tried(document, work), wanted))
    wrong_types = typed([document for document, result in zip(wanted, results, strict=True) if "refused" not in result], work)
    for document, result in zip(wanted, results, strict=True):
        if "refused" not in result:
            result["steps"]["mypy"] = [wrong_types.get(document.package, "ok"), 0]
    pairs = list(zip(wanted, results, strict=True))
    (FETCHED / "report.md").write_text("\n".join(report(pairs)))
    faults = [f"{document.name}: {fault}" for document, result in pairs for fault in faulty(document, result)]
    print("\n".join([*faults, f"{len(wanted)} documents, {len(faults)} faults: build/foreign/report.md"]))
    return int(bool(faults))


def tried(document: Document, work: Path) -> Result:
    """The results of a separate process for one document."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        HERE / "one_document.py",
        FETCHED / document.folder / document.path,
        work / document.package,
        document.package,
    ]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        result: Result = json.loads(ran.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        result = {"steps": {"bundle": [f"took more than {LIMIT} seconds", LIMIT]}}
    except (IndexError, json.JSONDecodeError):
        result = {"steps": {"bundle": [f"TRACEBACK {ran.stderr[-500:]}", 0]}}
    return result


def typed(generated: list[Document], work: Path) -> dict[str, str]:
    """The first error of strict mypy by package, from one run for all."""
    whole = work / "typed"
    whole.mkdir(parents=True)
    words: list[str] = []
    for document in generated:
        for name in (document.package, f"{document.package}_handlers"):
            if (work / document.package / name).is_dir():
                (whole / name).symlink_to(work / document.package / name)
                words += ["-p", name]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", FETCHED / "mypy", *words]
    ran = subprocess.run(command, cwd=whole, env={**os.environ, "MYPYPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False)
    result: dict[str, str] = {}
    for line in ran.stdout.splitlines():
        result.setdefault(line.partition("/")[0].removesuffix("_handlers"), line)
    return result


def faulty(document: Document, result: Result) -> Iterator[str]:
    """The unexpected results of a document."""
    if document.refused is not None:
        text = result.get("refused", "")
        if document.refused[0] not in text or "TRACEBACK" in text or len(text.splitlines()) != 1:
            yield f"should be refused with {document.refused[0]!r}: {text or result['steps']}"
        return
    for step, (text, _) in result["steps"].items():
        expected = (document.expect or {}).get(step)
        if not text.startswith(expected[0] if expected else "ok"):
            yield f"{step}: {text}"


def report(pairs: list[tuple[Document, Result]]) -> Iterator[str]:
    """A table, then the limits of each document."""
    yield "# Third-party documents\n\nSeconds by step; `-` was not reached.\n"
    yield f"| document | why | operations | {' | '.join(STEPS)} | MB |"
    yield f"| --- | --- | --- |{' --- |' * (len(STEPS) + 1)}"
    for document, result in pairs:
        cells = [cell(*result["steps"].get(step, ["-", 0])) for step in STEPS]
        yield f"| {document.name} | {document.why} | {result.get('operations', '-')} | {' | '.join(cells)} | {result.get('memory', '-')} |"
    yield "\n## Refused, and expected failures\n"
    for document, result in pairs:
        for step, reason in {**(document.expect or {}), **({"document": document.refused} if document.refused else {})}.items():
            output = result.get("refused") or result["steps"][step][0]
            yield f"- {document.name}: {step}: {reason[1]} (`{output[:200]}`)"
    yield "\n## Omitted from 3.0\n"
    for _, result in pairs:
        yield from (f"- {line.removeprefix(f'{ROOT}/')}" for line in result.get("left_out", ()))
    yield "\n## Not distinguished by types, carried as plain values\n"
    yield from (
        f"- {document.name}: {line.removesuffix('; it is carried as plain values')}"
        for document, result in pairs
        for line in result.get("plain", ())
    )


def cell(text: str, seconds: float) -> str:
    """A cell of the table: the seconds of a step that succeeded, or its problem."""
    if text == "-":
        return text
    return f"{seconds:g}" if text.startswith("ok") else f"**{text.splitlines()[0][:60]}**".replace("|", "/")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
