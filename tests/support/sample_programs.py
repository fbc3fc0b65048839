"""The samples of the reference as programs that call a server."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from contract.docs.samples import Samples
from contract.openapi.operations import Operation
from contract.openapi.references import Json
from contract.openapi.servers import base_path

CURL_OPTIONS = ("--silent", "--show-error", "--max-time", "30", "--output", "/dev/null", "--write-out", r"%{http_code} %{content_type}\n")

ADDRESS = "http://samples.invalid"  # until the server has one
# Runs each module of a folder in turn, without its output; prints the errors by module.
RUN_MODULES = """
import { readdirSync } from "node:fs";
const failures = {};
const folder = process.argv[2];
const log = console.log;
console.log = () => {};
for (const name of readdirSync(folder).filter((name) => name.endsWith(".js"))) {
  try {
    await import(`./${folder}/${name}`);
  } catch (error) {
    failures[name] = String(error);
  }
}
log(JSON.stringify(failures));
process.exit();
"""


def programs(bundle: Json, server: str, name: str, language: str) -> dict[Any, str]:
    """The sample of each operation in one language."""
    samples = Samples(bundle, server, name)
    texts = {method.operation.pointer: {item.language: item.text for item in samples.of(method)} for method in samples.plan.methods}
    return {pointer: by_language[language] for pointer, by_language in texts.items() if language in by_language}


def failures_of_python(texts: dict[Any, str]) -> dict[Any, str]:
    """The error of each program that fails; the client raises for every answer that is not a documented success."""
    failures = {}
    for name, text in texts.items():
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                exec(compile(text, str(name), "exec"), {"__name__": "sample"})
        except Exception as error:  # noqa: BLE001 - any error is a failure of the sample
            failures[name] = f"{type(error).__name__}: {error}"
    return failures


def failures_of_curl(texts: dict[Any, str], operations: Iterable[Operation]) -> dict[Any, str]:
    """The answer to each command that is not a documented success."""
    script = "\n".join(re.sub(r"^curl", f"curl {' '.join(map(_quoted, CURL_OPTIONS))}", text) for text in texts.values())
    run = subprocess.run(["/bin/sh"], input=script, capture_output=True, text=True, check=False, timeout=300)
    assert run.stderr == ""
    answers = dict(zip(texts, run.stdout.splitlines(), strict=True))
    documented = {operation.pointer: _successes(operation) for operation in operations}
    return {pointer: answer for pointer, answer in answers.items() if not documented[pointer].match(answer)}


def _successes(operation: Operation) -> re.Pattern[str]:
    statuses = [status for status in operation.responses if not status.startswith(("4", "5"))]
    return re.compile("|".join(status.upper().replace("X", r"\d") if status != "default" else r"2\d\d" for status in statuses) or r"2\d\d")


def _quoted(option: str) -> str:
    return f"'{option}'"


def write_samples(bundle: Json, folder: Path, name: str) -> None:
    """Write the TypeScript samples as modules beside those of the package."""
    folder.mkdir()
    for number, text in enumerate(programs(bundle, ADDRESS + base_path(bundle), name, "TypeScript").values()):
        folder.joinpath(f"sample{number}.ts").write_text(text.replace(f'from "{name}";', 'from "../index.js";'), "utf-8")


def failures_of_typescript(package: Path, address: str, samples: str = "dist/samples") -> dict[str, str]:
    """The error of each compiled sample of a folder that fails, run by one process of Node.js."""
    for path in (package / samples).glob("*.js"):
        path.write_text(path.read_text("utf-8").replace(ADDRESS, address), "utf-8")
    (package / "samples.mjs").write_text(RUN_MODULES)
    run = subprocess.run(["node", "samples.mjs", samples], cwd=package, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    failures: dict[str, str] = json.loads(run.stdout)
    return failures
