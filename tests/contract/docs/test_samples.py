"""The samples of the reference run: every operation of this platform and of other documents, in curl, Python and TypeScript.

The TypeScript samples of this platform run with its package, in `node_typescript_package.py`, those of the others in `node_samples.py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from contract.openapi import document
from contract.openapi.operations import operations
from contract.openapi.servers import base_path
from contract.sdk import python
from tests.support.sample_programs import failures_of_curl, failures_of_python, programs
from tests.support.servers.contract_process import serve

ROOT = Path(__file__).parents[3]
OWN = ROOT / "openapi" / "openapi.yaml"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = sorted((ROOT / "tests" / "contract" / "sdk" / "documents").glob("*.yaml"))


@pytest.mark.parametrize("path", [OWN, *DOCUMENTS], ids=lambda path: path.stem)
def test_samples_run_in_curl_and_python(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle: Any = document.load(path).bundle
    name = f"sampled-{path.stem}"
    python.write(bundle, tmp_path / name, name)
    monkeypatch.syspath_prepend(str(tmp_path / name))

    with serve("mock", str(path), "--stateless", folder=tmp_path) as mock:
        server = mock.url + base_path(bundle)
        curl = failures_of_curl(programs(bundle, server, name, "curl"), operations(bundle))
        called = failures_of_python(programs(bundle, server, name, "Python"))

    assert (curl, called) == ({}, {})


def test_python_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    python.write(document.load(OWN).bundle, tmp_path / "package", "misarmail_readme")
    monkeypatch.syspath_prepend(str(tmp_path / "package"))
    blocks = FENCE.findall((tmp_path / "package" / "README.md").read_text("utf-8"))

    with serve("mock", str(OWN), folder=tmp_path) as mock:
        names: dict[str, Any] = {}
        exec(blocks[0].replace("https://api.example.com", mock.url), names)
        first = capsys.readouterr().out
        with names["Client"](f"{mock.url}/api", api_key="YOUR_API_KEY") as client:
            for block in blocks[1:]:
                exec(block.replace("https://api.example.com", mock.url), {"client": client})

    assert first.startswith("EmailSendResponse(")
    assert capsys.readouterr().out.count("EmailSendResponse(") == 2  # asynchronously, and with errors caught
    assert "..." not in "".join(blocks).replace('"whsec_..."', "").replace("method(...,", "")
