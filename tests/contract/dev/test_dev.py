"""`contract dev` as an API designer uses it: a process that watches the files, real HTTP, findings on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.servers.contract_process import serve

DOCUMENT = """\
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: list_pets
      responses: {"200": {description: All., content: {application/json: {example: [Rex]}}}}
  /pets/{pet_id}:
    get:
      operationId: get_pet
      parameters: [{name: pet_id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: One., content: {application/json: {schema: {type: string}, example: Rex}}}}
"""
PROJECT = '[tool.contract]\ndocument = "pets.yaml"\nhandlers = "shop.handlers"\napp = "shop.app:create"\n'
APP = """
import json
from shop.handlers import pets

def create():
    def app(environ, start_response):
        body = json.dumps(pets.get_pet(environ["PATH_INFO"].rpartition("/")[2])).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
    return app
"""
HANDLERS = '''
def list_pets():
    """All."""
    raise NotImplementedError("list_pets has no handler yet")

def get_pet(pet_id):
    return f"the real {pet_id}"
'''


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """A project whose application has a handler for one of two operations."""
    (tmp_path / "pets.yaml").write_text(DOCUMENT)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "shop" / "handlers").mkdir(parents=True)
    (tmp_path / "shop" / "app.py").write_text(APP)
    (tmp_path / "shop" / "handlers" / "pets.py").write_text(HANDLERS)
    for package in (tmp_path / "shop", tmp_path / "shop" / "handlers"):
        (package / "__init__.py").write_text("")
    return tmp_path


def test_dev_reloads_a_saved_document(tmp_path: Path) -> None:
    document = tmp_path / "pets.yaml"
    document.write_text(DOCUMENT)

    with serve("dev", "pets.yaml", folder=tmp_path) as dev:
        assert requests.get(f"{dev.url}/pets", timeout=30).json() == ["Rex"]

        document.write_text(DOCUMENT.replace("[Rex]", "[Rex, Mia]"))
        dev.wait_for("serving pets.yaml")

        assert requests.get(f"{dev.url}/pets", timeout=30).json() == ["Rex", "Mia"]


def test_dev_serves_the_last_valid_version_while_the_document_is_invalid(tmp_path: Path) -> None:
    document = tmp_path / "pets.yaml"
    document.write_text(DOCUMENT)

    with serve("dev", "pets.yaml", folder=tmp_path) as dev:
        document.write_text(DOCUMENT.replace("responses: {", "respones: {", 1))
        output = dev.wait_for("still serving the previous version")

        assert "pets.yaml:7:7: " in output
        assert requests.get(f"{dev.url}/pets", timeout=30).json() == ["Rex"]

        document.write_text("openapi: [")
        assert "pets.yaml:" in dev.wait_for("still serving the previous version")

        document.write_text(DOCUMENT.replace("[Rex]", "[Mia]"))
        dev.wait_for("serving pets.yaml")

        assert requests.get(f"{dev.url}/pets", timeout=30).json() == ["Mia"]


def test_dev_prints_lint_findings(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT)

    with serve("dev", "pets.yaml", folder=tmp_path) as dev:
        assert "pets.yaml:5:5: operation-has-a-summary" in dev.before


def test_dev_serves_the_documentation_page(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT)

    with serve("dev", "pets.yaml", folder=tmp_path) as dev:
        assert "<title>Pets" in requests.get(f"{dev.url}/docs", timeout=30).text


def test_dev_does_not_start_with_an_invalid_document(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT.replace("paths:", "pathos:"))

    with pytest.raises(AssertionError, match=r"pets.yaml:3:1: .*unknown field 'pathos'"), serve("dev", "pets.yaml", folder=tmp_path):
        pass


def test_dev_calls_existing_handlers(project: Any) -> None:
    with serve("dev", folder=project, PYTHONPATH=str(project)) as dev:
        assert requests.get(f"{dev.url}/pets/7", timeout=30).json() == "the real 7"
        assert requests.get(f"{dev.url}/pets", timeout=30).json() == ["Rex"]


def test_dev_restarts_when_a_handler_is_saved(project: Any) -> None:
    with serve("dev", folder=project, PYTHONPATH=str(project)) as dev:
        (project / "shop" / "handlers" / "pets.py").write_text(HANDLERS.replace("the real", "the new"))
        dev.wait_for("documentation on")

        assert requests.get(f"{dev.url}/pets/7", timeout=30).json() == "the new 7"


def test_dev_reports_why_an_application_cannot_be_imported(project: Any) -> None:
    (project / "shop" / "app.py").write_text("import nothing_of_that_name\n")

    with serve("dev", folder=project, PYTHONPATH=str(project)) as dev:
        assert (
            "shop.app:create cannot be used: ModuleNotFoundError: No module named 'nothing_of_that_name'; its operations return examples"
            in dev.before
        )
        assert requests.get(f"{dev.url}/pets/7", timeout=30).json() == "Rex"


def test_dev_reports_a_response_that_violates_the_contract(project: Any) -> None:
    (project / "shop" / "handlers" / "pets.py").write_text(HANDLERS.replace('f"the real {pet_id}"', "7"))

    with serve("dev", folder=project, PYTHONPATH=str(project)) as dev:
        response = requests.get(f"{dev.url}/pets/7", timeout=30)

        assert (response.status_code, response.json()["detail"]) == (
            500,
            'The response violates the contract: 200: at the root: 7 is not of type "string"',
        )
