"""A Python client: models and endpoints by openapi-python-client, behind our own layer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from contract.errors import ContractError
from contract.generate.formatting import format_folder
from contract.openapi.references import Json
from contract.sdk import packaging, python_text
from contract.sdk.generator_input import generator_input, overrides
from contract.sdk.plan import plan
from contract.sdk.python_readme import pyproject, readme
from contract.sdk.python_source import GeneratedSource

LAYER = ("calls.py", "pages.py", "problems.py", "retries.py", "webhooks.py")
GENERATED = "generated"
ISINSTANCE = re.compile(r"isinstance\(body,[^()\n]*\)")
LIST_OF = re.compile(r"list\[(?:[^\[\]]|\[[^\[\]]*\])*\]")


def write(bundle: Json, output: Path, name: str | None = None) -> list[str]:
    """Write the package and return the operations that the generator does not support. Raises ContractError."""
    sdk_plan = plan(bundle, name)
    folder = packaging.prepare_folder(output)
    package = folder / sdk_plan.package
    package.mkdir()
    _generate(bundle, (package / GENERATED).resolve())
    repair(package / GENERATED)
    files, unsupported = python_text.modules(sdk_plan, GeneratedSource(package / GENERATED))
    packaging.write(package, files | packaging.layer("contract.sdk.python_layer", LAYER) | {"py.typed": ""})
    packaging.write(folder, {"README.md": readme(sdk_plan), "pyproject.toml": pyproject(sdk_plan)})
    format_folder(package, leave=GENERATED)
    return unsupported


def repair(generated: Path) -> None:
    """Repair the defects of the generator (0.29) for bodies with several media types.

    It does not import `Unset`, and it calls `isinstance` with `list[Model]`. A module that is not valid Python, for example because of a
    parameter called `body` beside a body, is removed, so that its operation is reported as unsupported.
    """
    for path in sorted((generated / "api").glob("*/*.py")):
        source = path.read_text("utf-8")
        text = ISINSTANCE.sub(lambda match: LIST_OF.sub("list", match[0]), source)
        if re.search(r"\bUnset\b", text) and not re.search(r"^from \.\.\.types import .*\bUnset\b", text, re.MULTILINE):
            text = f"from ...types import Unset\n{text}"
        if not _is_python(text):
            path.unlink()
        elif text != source:
            path.write_text(text, "utf-8")


def _is_python(text: str) -> bool:
    try:
        compile(text, "endpoint", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _generate(bundle: Json, target: Path) -> None:
    """Run the generator in a separate process: it prints, and it exits on errors."""
    with tempfile.TemporaryDirectory(prefix="contract-sdk-") as temporary:
        document, settings = Path(temporary, "openapi.json"), Path(temporary, "settings.yaml")
        document.write_text(json.dumps(generator_input(bundle)), "utf-8")
        settings.write_text(yaml.safe_dump({"content_type_overrides": overrides(bundle), "post_hooks": []}), "utf-8")
        arguments = ["generate", "--path", document, "--config", settings, "--output-path", target, "--meta", "none", "--overwrite"]
        command = [sys.executable, "-m", "openapi_python_client", *map(str, arguments)]
        process = subprocess.run(command, cwd=temporary, capture_output=True, text=True, check=False)  # noqa: S603 - this environment's own generator
    if not (target / "models" / "__init__.py").is_file():
        output = " ".join((process.stdout + process.stderr).split())[-600:]
        raise ContractError(f"openapi-python-client cannot read this document: {output}")
