"""A Python client: openapi-python-client writes models and endpoints, our layer stands before them."""

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
from contract.openapi.operations import Json
from contract.sdk import packaging, python_text
from contract.sdk.plan import plan
from contract.sdk.prepared import overrides, prepared
from contract.sdk.python_readme import pyproject, readme
from contract.sdk.python_source import Source

LAYER = ("calls.py", "pages.py", "problems.py", "retries.py", "webhooks.py")
GENERATED = "generated"
ISINSTANCE = re.compile(r"isinstance\(body,[^()\n]*\)")
LIST_OF = re.compile(r"list\[(?:[^\[\]]|\[[^\[\]]*\])*\]")


def write(bundle: Json, output: Path, name: str | None = None) -> list[str]:
    """Write the package; gives the operations that the generator could not carry. Raises ContractError."""
    found = plan(bundle, name)
    folder = packaging.emptied(output)
    package = folder / found.package
    package.mkdir()
    _generate(bundle, (package / GENERATED).resolve())
    repair(package / GENERATED)
    files, left_out = python_text.modules(found, Source(package / GENERATED))
    packaging.write(package, files | packaging.layer("contract.sdk.python_layer", LAYER) | {"py.typed": ""})
    packaging.write(folder, {"README.md": readme(found), "pyproject.toml": pyproject(found)})
    format_folder(package, leave=GENERATED)
    return left_out


def repair(generated: Path) -> None:
    """Mend what the generator (0.29) gets wrong where a body has several media types.

    It forgets to import `Unset`, and it asks `isinstance` about `list[Model]`. A module that is no Python, such as one for a parameter
    that is called `body` beside a body, is taken away, so that its operation is left out and listed.
    """
    for path in sorted((generated / "api").glob("*/*.py")):
        found = path.read_text("utf-8")
        text = ISINSTANCE.sub(lambda one: LIST_OF.sub("list", one[0]), found)
        if re.search(r"\bUnset\b", text) and not re.search(r"^from \.\.\.types import .*\bUnset\b", text, re.MULTILINE):
            text = f"from ...types import Unset\n{text}"
        if not _is_python(text):
            path.unlink()
        elif text != found:
            path.write_text(text, "utf-8")


def _is_python(text: str) -> bool:
    try:
        compile(text, "endpoint", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _generate(bundle: Json, target: Path) -> None:
    """Run the generator in a process of its own: it prints, and it ends the process where it cannot go on."""
    with tempfile.TemporaryDirectory(prefix="contract-sdk-") as temporary:
        document, settings = Path(temporary, "openapi.json"), Path(temporary, "settings.yaml")
        document.write_text(json.dumps(prepared(bundle)), "utf-8")
        settings.write_text(yaml.safe_dump({"content_type_overrides": overrides(bundle), "post_hooks": []}), "utf-8")
        words = ["generate", "--path", document, "--config", settings, "--output-path", target, "--meta", "none", "--overwrite"]
        command = [sys.executable, "-m", "openapi_python_client", *map(str, words)]
        ran = subprocess.run(command, cwd=temporary, capture_output=True, text=True, check=False)  # noqa: S603 - this environment's own generator
    if not (target / "models" / "__init__.py").is_file():
        said = " ".join((ran.stdout + ran.stderr).split())[-600:]
        raise ContractError(f"openapi-python-client cannot read this document: {said}")
