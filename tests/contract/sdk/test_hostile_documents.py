"""Documents whose texts are written to break out of generated code: quotes, line ends, placeholders, hidden characters."""

from __future__ import annotations

import ast
import importlib
import json
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from contract.openapi.document import load
from contract.sdk import python
from contract.sdk.python_generator.models import docstring
from contract.sdk.typescript_modules.literals import camel_case
from tests.support.python_clients import Recorder, generated

TEXTS = [
    'ends with """',
    'ends with \\"""',
    'ends with "',
    "ends with \\",
    'a """\nimport os\n"""',
    "\\N{nope} \\x \\u12",
    "{signature} {url} {described} <signature> <url> <described> @Client @await ",
    "\u202e reordered \u2066 hidden \u200b",
    "zero \x00 one \x01 delete \x7f",
    "*/ export const x = 1; /* ${process.exit(3)} `",
    "😀",
]


def as_yaml(document: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {json.dumps(value)}" for name, value in document.items())


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("lead", ["", "x" * 200 + " "])
def test_docstrings_hold_any_text(text: str, lead: str) -> None:
    source = "\n".join(docstring(lead + text, 0))

    statements = ast.parse(source.encode()).body
    assert len(statements) == 1
    assert " ".join(str(ast.literal_eval(source)).split()) == " ".join((lead + text).split())
    assert not any(character in source for character in "\u202e\u2066\u200b\x00\x01\x7f")


@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_a_document_are_no_code(tmp_path: Path, text: str) -> None:
    answer = {
        "description": text,
        "content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"description": text}}}}},
    }
    operation: dict[str, Any] = {"tags": [text], "summary": text, "description": text, "deprecated": True, "responses": {"200": answer}}
    operation["parameters"] = [{"name": "q", "in": "query", "description": text, "schema": {"type": "string", "enum": [text]}}]
    server = {"url": "https://example.com/{v}", "variables": {"v": {"default": text, "enum": [text], "description": text}}}
    key = {"type": "apiKey", "in": "header", "name": "X-Key", "description": text}
    document = {
        "info": {"title": f"A {text}", "version": text},
        "servers": [server],
        "paths": {"/a": {"get": operation}},
        "components": {"securitySchemes": {"key": key}, "schemas": {"S": {"type": "object", "description": text, "title": text}}},
    }

    (tmp_path / "openapi.json").write_text(json.dumps({"openapi": "3.1.0", **document}))

    assert python.write(load(tmp_path / "openapi.json").bundle, tmp_path / "out", "hostile") == []

    modules = [ast.parse(path.read_bytes()) for path in (tmp_path / "out" / "hostile").rglob("*.py") if path.name != "multipart.py"]
    imported = {node.names[0].name for module in modules for node in ast.walk(module) if isinstance(node, ast.Import)}
    assert "os" not in imported
    assert tomllib.loads((tmp_path / "out" / "pyproject.toml").read_text())["project"]["version"] == "0.0.0"


def test_placeholders_in_the_server_are_text(tmp_path: Path) -> None:
    url = "https://x/<described>{described}@Client"
    document = as_yaml(
        {"servers": [{"url": url}], "paths": {"/a": {"get": {"operationId": "get_a", "responses": {"204": {"description": ""}}}}}}
    )
    recorder = Recorder([httpx.Response(204)])

    with generated(tmp_path, document) as package:
        package.Client(transport=httpx.MockTransport(recorder)).a.get_a()

    assert unquote(str(recorder.requests[0].url)) == f"{url}/a"


def test_tags_and_operations_with_names_of_python_itself(tmp_path: Path) -> None:
    names = ["__init__", "_caller", "__class__", "_http", "class"]
    answer = {"200": {"description": "It.", "content": {"application/json": {"schema": {"type": "string"}}}}}
    paths = {f"/{name}": {"get": {"tags": [name], "operationId": name, "responses": answer}} for name in names}

    with generated(tmp_path, as_yaml({"paths": paths})) as package:
        groups = importlib.import_module(f"{package.__name__}.client").Client.__dict__
        api: Any = package.Client("https://example.com")

        assert [name for name in groups if name in {"init__", "caller", "class__", "http", "class_"}] == list(
            dict.fromkeys(["init__", "caller", "class__", "http", "class_"])
        )
        assert callable(api.caller.caller)
        assert callable(api.class_.class_)


def test_a_module_of_typescript_has_no_function_called_then() -> None:
    """`await import(...)` would call it."""
    assert [camel_case(name) for name in ("then", "then_send")] == ["then_", "thenSend"]
