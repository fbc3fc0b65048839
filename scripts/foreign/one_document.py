"""Runs every command on one third-party document, in a separate process; prints the results of the steps as one JSON line."""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mock_sample import check_sample
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from contract.cli import main
from contract.openapi import document, validity
from contract.openapi.operations import operations

SMALL = (
    2_000_000  # bytes of a projection that openapi-spec-validator reads in seconds; larger ones are checked by the same schema, compiled
)


def work(path: Path, folder: Path, package: str) -> dict[str, Any]:
    """The result of every step: name -> [`ok` or the problem, seconds]."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    results: dict[str, Any] = {"steps": {}}
    code, text, seconds = ran("bundle", str(path), "-o", "bundle.json")
    results["steps"]["bundle"] = [verdict(code, text), seconds]
    if code:
        results["refused"] = text.strip()
        return results
    results["operations"] = len(list(operations(document.load(Path("bundle.json")).bundle)))
    for name, step in STEPS.items():
        begun = time.perf_counter()
        results["steps"][name] = [guarded(step, path, package), round(time.perf_counter() - begun, 2)]
    results["left_out"] = Path("left_out.txt").read_text().splitlines()
    results["plain"] = Path("plain.txt").read_text().splitlines() if Path("plain.txt").exists() else []
    results["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return results


def guarded(step: Callable[[Path, str], str], path: Path, package: str) -> str:
    """The result of a step; an exception is a fault of the toolkit and becomes a traceback."""
    try:
        return step(path, package)
    except BaseException:  # noqa: BLE001 - this looks for tracebacks
        return f"TRACEBACK {traceback.format_exc(limit=-4)}"


def ran(*words: str) -> tuple[int, str, float]:
    """Exit code, both outputs and seconds of one command."""
    output = io.StringIO()
    begun = time.perf_counter()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            code = main(list(words))
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        except BaseException:  # noqa: BLE001 - this looks for tracebacks
            code = 99
            output.write(f"TRACEBACK {traceback.format_exc(limit=-4)}")
    return code, output.getvalue(), round(time.perf_counter() - begun, 2)


def verdict(code: int, text: str, *accepted: int) -> str:
    """`ok`, or the exit code with the output."""
    return "ok" if code in {0, *accepted} and "TRACEBACK" not in text else f"exit {code}: {text.strip()}"


def project_to_30(path: Path, _package: str) -> str:
    """The projection, checked by openapi-spec-validator."""
    code, text, _ = ran("bundle", str(path), "--openapi", "3.0", "-o", "bundle-3.0.json")
    Path("left_out.txt").write_text(text)
    if code:
        return verdict(code, text)
    written = Path("bundle-3.0.json").read_text()
    return spec_errors(json.loads(written), is_small=len(written) < SMALL)


def spec_errors(projected: dict[str, Any], *, is_small: bool) -> str:
    """`ok`, or the first error of the official schema that the document itself does not have."""
    if not is_small:
        wrong = next(iter(validity.violations(projected)), None)
        return f"invalid 3.0: {wrong}" if wrong else "ok"
    own = {error.message for error in OpenAPIV31SpecValidator(json.loads(Path("bundle.json").read_text())).iter_errors()}
    errors = [error for error in OpenAPIV30SpecValidator(projected).iter_errors() if error.message not in own]
    return f"invalid 3.0: {'/'.join(map(str, errors[0].absolute_path))}: {errors[0].message[:300]}" if errors else "ok"


def generate(path: Path, package: str) -> str:
    """The package, in a separate project with its handlers."""
    table = f'[tool.contract]\ndocument = {json.dumps(str(path))}\npackage = "{package}"\nhandlers = "{package}_handlers"\n'
    Path("pyproject.toml").write_text(table)
    code, text, _ = ran("generate")
    if code:
        return verdict(code, text)
    Path("plain.txt").write_text("\n".join(line for line in text.splitlines() if "carried as plain values" in line))
    imported = Path(package, "models.py").read_text()
    exec(compile(imported, f"{package}/models.py", "exec"), {"__name__": f"{package}.models"})  # noqa: S102 - it was just generated
    return "ok"


def mock(path: Path, _package: str) -> str:
    """A sample of the operations, called in process."""
    return check_sample(path, Path("mock.txt"))


def compare(path: Path, _package: str) -> str:
    """A document does not differ from itself."""
    code, text, _ = ran("diff", str(path), str(path), "--format", "json")
    Path("diff.json").write_text(text)
    return verdict(code, text) if code else "ok" if not json.loads(text)["changes"] else f"differs from itself: {text[:300]}"


def docs(path: Path, _package: str) -> str:
    """The page."""
    code, text, _ = ran("docs", str(path), "-o", "docs.html")
    return verdict(code, text)


def lint(path: Path, _package: str) -> str:
    """It finishes; findings are expected."""
    code, text, _ = ran("lint", str(path))
    Path("lint.txt").write_text(text)
    return verdict(code, text, 1)


STEPS = {"3.0": project_to_30, "generate": generate, "mock": mock, "diff": compare, "docs": docs, "lint": lint}

if __name__ == "__main__":
    print(json.dumps(work(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3])))
