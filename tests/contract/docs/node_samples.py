"""The samples of other documents run in TypeScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contract.openapi import document
from contract.sdk import typescript
from tests.contract.docs.test_samples import DOCUMENTS
from tests.support.sample_programs import failures_of_typescript, write_samples
from tests.support.servers.contract_process import serve
from tests.support.typescript_packages import compile_all


def test_samples_of_other_documents_run_in_typescript(tmp_path: Path) -> None:
    for path in DOCUMENTS:
        bundle: Any = document.load(path).bundle
        typescript.write(bundle, tmp_path / path.stem, "sampled")
        write_samples(bundle, tmp_path / path.stem / "src" / "samples", "sampled")
    compile_all(tmp_path)

    failures = {}
    for path in DOCUMENTS:
        with serve("mock", str(path), "--stateless", folder=tmp_path) as mock:
            failures[path.stem] = failures_of_typescript(tmp_path, mock.url, f"dist/{path.stem}/src/samples")

    assert failures == {path.stem: {} for path in DOCUMENTS}
