"""Unusable documents: every command prints one message with the location, exits with 2 and shows no traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract.cli import app, main

HEAD = 'openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\n'
FINE = HEAD + "paths: {}\n"
BAD = {
    "broken reference": (HEAD + 'paths: {/a: {$ref: "#/nowhere"}}', "3:14: bad.yaml has no /nowhere"),
    "reference to itself": (
        HEAD + 'components: {schemas: {A: {$ref: "#/components/schemas/A"}}}',
        "3:28: the reference '#/components/schemas/A' leads back to itself",
    ),
    "circle of references": (
        HEAD + 'components: {schemas: {A: {$ref: "#/components/schemas/B"}, B: {$ref: "#/components/schemas/A"}}}',
        "3:28: the reference '#/components/schemas/B' leads back to itself",
    ),
    "tab": (HEAD + "paths:\n\t/x: {}", "4:1: a tab cannot indent YAML, use spaces"),
    "key twice": (FINE + "paths: {}", "4:1: the key 'paths' is written twice, first on line 3"),
    "3.2": ("openapi: 3.2.0", "1:1: the version '3.2.0' is not supported"),
    "2.0": ('swagger: "2.0"', "1:1: the version '2.0' is not supported"),
    "empty": ("", "1:1: the document is empty"),
    "not an object": ("[]", "1:1: an OpenAPI document is a mapping"),
    "missing": (None, " cannot be read: No such file or directory"),
}
WORDS = {
    "lint": ["bad.yaml"],
    "bundle": ["bad.yaml", "--openapi", "3.0"],
    "diff": ["bad.yaml", "fine.yaml"],
    "generate": [],
    "dev": ["bad.yaml", "--port", "0"],
    "mock": ["bad.yaml", "--port", "0"],
    "fuzz": ["bad.yaml", "--url", "http://127.0.0.1:9"],
    "coverage": ["traffic.har", "--spec", "bad.yaml"],
    "verify": ["traffic.har", "--spec", "bad.yaml"],
    "docs": ["bad.yaml"],
    "sdk": ["python", "--spec", "bad.yaml", "--output", "out"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an unusable document, a valid document and traffic."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[tool.contract]\ndocument = "bad.yaml"\npackage = "pets_api"\n')
    Path("fine.yaml").write_text(FINE)
    Path("traffic.har").write_text('{"log": {"version": "1.2", "entries": []}}')
    return tmp_path


def test_every_command_has_a_bad_input_case() -> None:
    assert set(WORDS) == {command.callback.__name__ for command in app.registered_commands if command.callback}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("command", WORDS)
def test_bad_input_prints_one_message_and_exits_with_2(folder: Path, capsys: pytest.CaptureFixture[str], command: Any, case: Any) -> None:
    text, expected = BAD[case]
    if text is not None:
        (folder / "bad.yaml").write_text(text)

    code = main([command, *WORDS[command]])

    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert output.err.startswith(f"bad.yaml:{expected}")
    assert len(output.err.splitlines()) == 1


@pytest.mark.parametrize("words", [["fine.yaml", "bad.yaml"], ["bad.yaml", "bad.yaml"]])
def test_diff_reports_a_bad_base_and_a_bad_revision(folder: Path, capsys: pytest.CaptureFixture[str], words: Any) -> None:
    (folder / "bad.yaml").write_text("")

    code = main(["diff", *words])

    assert (code, capsys.readouterr().err) == (2, "bad.yaml:1:1: the document is empty\n")


def test_traffic_of_another_host_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = '{"request": {"method": "GET", "url": "https://other.example/a", "headers": []}, "response": {"status": 200, "headers": []}}'
    (folder / "traffic.har").write_text(f'{{"log": {{"version": "1.2", "entries": [{entry}]}}}}')
    (folder / "bad.yaml").write_text(HEAD + "servers: [{url: https://pets.example}]\npaths: {}\n")

    code = main(["verify", "traffic.har", "--spec", "bad.yaml"])

    output = capsys.readouterr()
    assert code == 2
    assert output.err == "traffic.har:1:1: contains no exchange with https://pets.example; name another server with --url\n"
