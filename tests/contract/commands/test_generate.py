"""`contract generate` as users run it, in a separate project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract.cli import main

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets/{pet_id}:
    get:
      operationId: get_pet
      summary: Get a pet
      tags: [pets]
      parameters: [{name: pet_id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string, maxLength: 9}, friend: {$ref: "#/components/schemas/Friend"}}}
    Friend: {oneOf: [{$ref: "#/components/schemas/Pet"}, {type: object, properties: {age: {type: integer}}}]}
"""
SETTINGS = '[tool.contract]\ndocument = "api.yaml"\npackage = "src/pets_api"\nhandlers = "shop.handlers"\n'
FINE = 'responses: {"204": {description: Done.}}'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document and settings."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(SETTINGS)
    Path("api.yaml").write_text(DOCUMENT)
    return tmp_path


def test_generate_writes_a_package_and_stubs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["generate"])

    out = capsys.readouterr().out
    files = sorted(str(path.relative_to(project)) for path in project.rglob("*") if path.is_file())
    assert code == 0
    assert files == [
        "api.yaml",
        "pyproject.toml",
        *(
            f"src/pets_api/{name}"
            for name in ("__init__.py", "bundle.json", "handlers.py", "models.py", "problems.py", "py.typed", "routes.py")
        ),
        "src/shop/handlers/__init__.py",
        "src/shop/handlers/pets.py",
    ]
    assert "wrote src/shop/handlers/pets.py\n" in out
    assert "1 constraints are checked by the schemas only, as types cannot express them (--verbose lists them)\n" in out
    assert "Friend: a type cannot tell the alternatives apart, so the model holds plain values\n" in out


def test_generate_verbose_lists_the_constraints(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", "--verbose"])

    assert capsys.readouterr().out.endswith("/components/schemas/Pet/properties/name/maxLength\n")
    assert project.is_dir()


def test_generate_works_without_handlers(project: Path) -> None:
    Path("pyproject.toml").write_text('[tool.contract]\ndocument = "api.yaml"\npackage = "pets_api"\n')

    assert main(["generate"]) == 0
    assert {path.name for path in (project / "pets_api").iterdir()} == {
        *("__init__.py", "bundle.json", "models.py", "problems.py", "py.typed", "routes.py")
    }


def test_generate_twice_changes_no_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate"])
    times = {path: path.stat().st_mtime_ns for path in project.rglob("*.py")}
    capsys.readouterr()

    code = main(["generate"])

    assert code == 0
    assert "wrote" not in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*.py")} == times


def test_generate_adds_one_stub_for_a_new_operation(project: Path) -> None:
    main(["generate"])
    module = project / "src" / "shop" / "handlers" / "pets.py"
    before = module.read_bytes()
    Path("api.yaml").write_text(DOCUMENT.replace("    get:", f"    delete: {{operationId: delete_pet, tags: [pets], {FINE}}}\n    get:", 1))

    main(["generate"])

    after = module.read_bytes()
    assert after.startswith(before)
    assert after[len(before) :].count(b"\ndef ") == 1
    assert b"def delete_pet(" in after[len(before) :]


def test_generate_check_prints_nothing_when_files_are_current(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate"])
    capsys.readouterr()

    assert main(["generate", "--check"]) == 0
    assert capsys.readouterr().out == ""
    assert project.is_dir()


def test_generate_check_shows_manual_changes_of_models(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate"])
    models = project / "src" / "pets_api" / "models.py"
    models.write_text(models.read_text().replace("name: str", "name: bytes"))
    capsys.readouterr()

    assert main(["generate", "--check"]) == 1
    assert "-    name: bytes\n+    name: str\n" in capsys.readouterr().out


def test_generate_check_shows_the_drift_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate"])
    Path("api.yaml").write_text(DOCUMENT.replace("name: {type: string", "name: {type: integer"))
    (project / "src" / "pets_api" / "py.typed").unlink()
    models = (project / "src" / "pets_api" / "models.py").read_bytes()
    capsys.readouterr()

    code = main(["generate", "--check"])

    out = capsys.readouterr().out
    assert code == 1
    assert "-    name: str\n+    name: int\n" in out
    assert "py.typed is missing\n" in out
    assert out.endswith("The generated files are not up to date: run `contract generate`\n")
    assert (project / "src" / "pets_api" / "models.py").read_bytes() == models


def test_generate_check_fails_for_a_missing_handler(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate"])
    (project / "src" / "shop" / "handlers" / "pets.py").write_text("import os\n")
    capsys.readouterr()

    assert main(["generate", "--check"]) == 1
    assert "+def get_pet(" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("settings", "document", "sentence"),
    [
        ('[tool.contract]\ndocument = "api.yaml"\n', DOCUMENT, "There is no package in [tool.contract] to generate into\n"),
        (SETTINGS.replace("handlers", "handler"), DOCUMENT, "pyproject.toml: unknown settings in [tool.contract]: handler\n"),
        (SETTINGS, "openapi: 3.1.0\n", "api.yaml:1:1: 'info' is missing\n"),
        (SETTINGS, DOCUMENT.replace("name: {type: string", "name: {type: strng"), "api.yaml:14:63: 'strng' is not one of"),
        (
            SETTINGS,
            DOCUMENT.replace("    get:", f"    put: {{operationId: getPet, {FINE}}}\n    get:"),
            "have the same Python name: get_pet\n",
        ),
    ],
)
@pytest.mark.usefixtures("project")
def test_generate_reports_an_error_in_one_message(capsys: pytest.CaptureFixture[str], settings: Any, document: Any, sentence: str) -> None:
    Path("pyproject.toml").write_text(settings)
    Path("api.yaml").write_text(document)

    code = main(["generate"])

    err = capsys.readouterr().err
    assert code == 2
    assert sentence in err
    assert err.count("\n") == 1


def test_generated_project_serves_requests_once_its_stub_is_implemented(project: Path) -> None:
    main(["generate"])
    (project / "src" / "shop" / "handlers" / "pets.py").write_text(
        "from pets_api import models\n\n\ndef get_pet(ctx, pet_id):\n    return models.Pet(name='x' * pet_id)\n"
    )
    (project / "run.py").write_text(
        "import json, pathlib, sys\n"
        "sys.path[:0] = ['src']\n"
        "from contract.runtime.application import Contract\n"
        "from contract.runtime.binding import bind\n"
        "from contract.runtime.platform import OpenPlatform\n"
        "from pets_api.handlers import HANDLERS\n"
        "from pets_api.routes import SIGNATURES\n"
        "app = Contract(json.loads(pathlib.Path('src/pets_api/bundle.json').read_text()), bind(SIGNATURES, HANDLERS), OpenPlatform())\n"
        "print(app({'PATH_INFO': '/pets/3', 'REQUEST_METHOD': 'GET'}, lambda status, headers: print(status)))\n"
    )

    ran = subprocess.run([sys.executable, "run.py"], cwd=project, capture_output=True, text=True, check=True)

    assert ran.stdout == '200 OK\n[b\'{"name":"xxx"}\']\n'
