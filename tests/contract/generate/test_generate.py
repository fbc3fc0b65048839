"""Generation from documents of every kind: golden folders; the result type-checks, can be imported and is deterministic."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.generate import package
from contract.generate.models import STAMP
from contract.project import Project

CONTRACT = Path(sys.executable).parent / "contract"
CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir())
IMPORT_ALL = """
import importlib, pathlib, re, sys
import msgspec
def source(module):
    return pathlib.Path(module.__file__).read_text()
for name in sys.argv[1:]:
    importlib.import_module(f"{name}.handlers")
    models = importlib.import_module(f"{name}.models")
    for model in [getattr(models, one) for one in dir(models) if re.search(rf"^(class {one}\\b|{one}: TypeAlias)", source(models), re.M)]:
        msgspec.json.Decoder(model)
"""


def project(case: str, root: Path) -> Project:
    shutil.copy(CASES / case / "openapi.yaml", root / f"{case}.yaml")
    return Project(root, root / f"{case}.yaml", root / case, f"{case}_handlers", None, None)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of all cases."""
    root = tmp_path_factory.mktemp("generated")
    for case in NAMES:
        package.write(package.generate(project(case, root)))
    return root


@pytest.mark.parametrize("case", NAMES)
def test_generate_writes_the_expected_files(
    case: Any, generated: Path, golden: Callable[[Path, str], None], request: pytest.FixtureRequest
) -> None:
    expected = CASES / case / "expected"
    result = {path.relative_to(generated / case): STAMP.sub("", path.read_text()) for path in sorted((generated / case).glob("*.py"))}
    stubs = {Path("stubs") / path.name: path.read_text() for path in sorted((generated / f"{case}_handlers").glob("*.py"))}
    again = package.generate(project(case, generated))
    assert list(package.drift(again)) == []  # a second run changes nothing
    report = {Path("report.txt"): "".join(f"{line}\n" for line in (*again.not_expressed, *(f"plain: {each}" for each in again.untyped)))}
    texts = {name: text for name, text in (result | stubs | report).items() if text}
    if request.config.getoption("--update"):
        for name in texts:
            (expected / name).parent.mkdir(parents=True, exist_ok=True)

    for name, text in texts.items():
        golden(expected / name, text)

    assert {path.relative_to(expected) for path in expected.rglob("*") if path.is_file()} == set(texts)


def test_generate_does_not_depend_on_the_hash_seed(generated: Path, tmp_path: Path) -> None:
    shutil.copy(CASES / "discriminators" / "openapi.yaml", tmp_path / "discriminators.yaml")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.contract]\ndocument = "discriminators.yaml"\npackage = "discriminators"\nhandlers = "discriminators_handlers"\n'
    )
    subprocess.run([CONTRACT, "generate"], cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": "1"}, check=True, capture_output=True)

    for path in (generated / "discriminators").glob("*.py"):
        assert (tmp_path / "discriminators" / path.name).read_bytes() == path.read_bytes()


def test_generated_modules_can_be_imported_and_decode(generated: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", IMPORT_ALL, *NAMES], cwd=generated, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_generated_modules_pass_strict_mypy(generated: Path) -> None:
    cache = Path(__file__).parents[3] / ".mypy_cache" / "generated"
    words = ["--strict", "--no-error-summary", "--cache-dir", str(cache), "--config-file", os.devnull, "."]
    ran = subprocess.run([sys.executable, "-m", "mypy", *words], cwd=generated, capture_output=True, text=True, check=False)

    assert ran.stdout == ""
