"""`contract` as a program: help, version, completion, JSON, colour, and refused usage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from contract.cli import app, main
from tests.support.terminal import on_terminal

CONTRACT = Path(sys.executable).with_name("contract")
COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]
BASE = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: list_pets
      responses: {"200": {description: Pets}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two versions of a document: the second has no operation."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE)
    Path("revision.yaml").write_text(BASE.partition("paths:")[0] + "paths: {}\n")
    return tmp_path


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith("Usage: contract [OPTIONS] COMMAND [ARGS]...\n")
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_has_examples(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: contract {command} ")
    assert f"\n    contract {command}" in shown.split("\n  Examples:")[1]


def test_version_option_prints_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"contract {metadata.version('misarmail-server')}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Missing command."),
        (["fly"], "No such command 'fly'."),
        (["lin"], "No such command 'lin'. Did you mean 'lint'?"),
        (["lint", "--wings"], "No such option: --wings"),
        (["lint", "--format", "xml"], "Invalid value for '--format': 'xml' is not one of 'text', 'json', 'sarif', 'github'."),
        (["mock", "--port", "70000"], "Invalid value for '--port': '70000' is not a whole number from 0 to 65535."),
        (["diff", "--today", "soon"], "Invalid value for '--today': 'soon' is not a date; write YYYY-MM-DD."),
        (["sdk", "cobol", "--out", "x"], "Invalid value for 'LANGUAGE': 'cobol' is not one of 'python', 'typescript'."),
        (["sdk", "python"], "Missing option '-o' / '--output' / '--out'."),
        (
            ["fuzz", "--url", "http://127.0.0.1:9", "--phases", "examples,luck"],
            "Invalid value for '--phases': there is no phase luck; choose from examples, coverage, fuzzing, stateful.",
        ),
    ],
)
def test_usage_errors_are_one_message_and_exit_code_2(words: Any, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Usage: contract ")
    assert shown.err.endswith(f"\n\nError: {sentence}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_imports_no_command_dependencies(command: Any) -> None:
    heavy = ("yaml", "msgspec", "jsonschema_rs", "connexion", "schemathesis", "rich")
    script = (
        f"import sys\nfrom contract.cli import main\nmain([{command!r}, '--help'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert shown.stdout.splitlines()[-1] == "[]"


def test_shell_completion_completes_commands() -> None:
    environ = {**os.environ, "_CONTRACT_COMPLETE": "complete_bash", "COMP_WORDS": "contract lint --format s", "COMP_CWORD": "3"}

    shown = subprocess.run([CONTRACT], env=environ, capture_output=True, text=True, check=True)

    assert shown.stdout.split() == ["sarif"]


@pytest.mark.parametrize("words", [["lint", "base.yaml"], ["diff", "base.yaml", "revision.yaml"]], ids=" ".join)
@pytest.mark.usefixtures("folder")
def test_json_option_prints_json(words: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([*words, "--json"])
    shown = capsys.readouterr().out

    assert main([*words, "--format", "json"]) == code
    assert capsys.readouterr().out == shown
    assert json.loads(shown)


def test_lint_rules_json_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--rules", "--json"]) == 0

    rules = json.loads(capsys.readouterr().out)
    assert {"rule", "explanation"} == set(rules[0])
    assert len(rules) > 20


@pytest.mark.parametrize(("words", "mark"), [(["lint", "base.yaml"], "\x1b[36m"), (["diff", "base.yaml", "revision.yaml"], "\x1b[31mERR")])
@pytest.mark.usefixtures("folder")
def test_findings_are_coloured_only_on_a_terminal(words: Any, mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, drawn = on_terminal(str(CONTRACT), *words)
    _, plain = on_terminal(str(CONTRACT), *words, NO_COLOR="1")

    assert main(words) == code == 1
    assert mark in drawn
    assert mark not in plain
    assert "\x1b" not in capsys.readouterr().out
