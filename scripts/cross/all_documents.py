"""The cross test of all documents, two at a time; --short selects the project's own. Writes build/cross/report.md."""

from __future__ import annotations

import argparse
import json
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
BUILD = ROOT / "build" / "cross"
FOREIGN = ROOT / "build" / "foreign"
LIMIT = 900  # seconds for one document
SHOWN = 12  # faults of one document
# The documents of lint's cases break rules on purpose, and some of them are not valid.
OWN = (
    "openapi/openapi.yaml",
    "tests/contract/sdk/documents/*.yaml",
    "scripts/cross/documents/*.yaml",
    "tests/contract/generate/cases/*/openapi.yaml",
)
INVALID = "tests/contract/lint/cases/*/openapi.yaml"
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its path, and whether it may be refused."""

    name: str
    path: Path
    may_be_refused: bool = False


def main() -> int:
    """0 when all agree on every document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="the project's own documents, with fewer values")
    parser.add_argument("--seed", default="cross", help="another seed gives other values")
    parser.add_argument("--count", type=int, help="random values of each kind and schema")
    parser.add_argument("names", nargs="*", help="only documents whose names contain one of these")
    words = parser.parse_args()
    count = words.count or (2 if words.short else 4)
    wanted = [each for each in documents(is_short=words.short) if not words.names or any(name in each.name for name in words.names)]
    shutil.rmtree(BUILD, ignore_errors=True)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda document: tested(document, count, words.seed), wanted))
    expected = tomllib.loads((HERE / "expected.toml").read_text())
    pairs = list(zip(wanted, results, strict=True))
    faults = [f"{document.name}: {fault}" for document, result in pairs for fault in unexpected(document, result, expected)]
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "report.md").write_text("\n".join(report(pairs)))
    totals = {name: sum(result.get(name, 0) for result in results) for name in ("operations", "called", "calls")}
    passed = len(wanted) - len({fault.partition(": ")[0] for fault in faults})
    print(
        "\n".join([*faults, f"{passed} of {len(wanted)} documents agree; {totals['called']} of {totals['operations']} operations called"])
    )
    print(f"{totals['calls']} calls by each of four clients: build/cross/report.md")
    return int(bool(faults))


def documents(*, is_short: bool) -> Iterator[Document]:
    """The project's own documents, then the third-party ones that were fetched."""
    for pattern in OWN:
        yield from (Document(str(path.relative_to(ROOT)), path) for path in sorted(ROOT.glob(pattern)))
    if is_short:
        return
    yield from (Document(str(path.relative_to(ROOT)), path, may_be_refused=True) for path in sorted(ROOT.glob(INVALID)))
    for folder in tomllib.loads((ROOT / "scripts" / "foreign" / "documents.toml").read_text())["folder"]:
        for each in folder["documents"]:
            path = FOREIGN / folder["path"] / each["path"]
            if path.is_file():
                name = f"{folder['path']}/{each['path']}".removeprefix("node_modules/").removeprefix("sdists/")
                yield Document(name, path, may_be_refused="refused" in each)


def tested(document: Document, count: int, seed: str) -> Result:
    """The result of a separate process for one document."""
    folder = BUILD / "work" / "".join(sign if sign.isalnum() else "_" for sign in document.name)
    command = [sys.executable, "-W", "ignore", HERE / "one_document.py", document.path, folder, str(count), seed]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        result: Result = json.loads(ran.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        result = {"faults": [f"took more than {LIMIT} seconds"]}
    except (IndexError, json.JSONDecodeError):
        result = {"faults": [f"TRACEBACK {ran.stderr[-500:]}"]}
    shutil.rmtree(folder, ignore_errors=True)
    return result


def unexpected(document: Document, result: Result, expected: dict[str, list[list[str]]]) -> Iterator[str]:
    """The faults without a reason in `expected.toml`."""
    if "refused" in result:
        if not document.may_be_refused:
            yield f"refused: {result['refused']}"
        return
    known = [beginning for name in (document.name, "*") for beginning, _ in expected.get(name, ())]
    faults = [fault for fault in result["faults"] if not any(beginning in fault for beginning in known)]
    yield from faults[:SHOWN]
    if len(faults) > SHOWN:
        yield f"and {len(faults) - SHOWN} more"


def report(pairs: list[tuple[Document, Result]]) -> Iterator[str]:
    """A table, the faults, and what could not be tested."""
    yield "# Cross test\n"
    yield "| document | operations | called | calls | refused arguments | not carried | faults | seconds |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for document, result in pairs:
        cells = [str(result.get(name, "-")) for name in ("operations", "called", "calls", "refusals")]
        counts = [str(len(result.get(name, ()))) for name in ("omitted", "faults")]
        yield f"| {document.name} | {' | '.join([*cells, *counts, str(result.get('seconds', '-'))])} |"
    for title, name in (("Faults", "faults"), ("Without a value", "missing"), ("Not carried by a client", "omitted")):
        yield f"\n## {title}\n"
        yield from (f"- {document.name}: {line}" for document, result in pairs for line in result.get(name, ()))
    yield "\n## Refused documents\n"
    yield from (f"- {document.name}: {result['refused']}" for document, result in pairs if "refused" in result)


if __name__ == "__main__":
    sys.exit(main())
