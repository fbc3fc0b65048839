"""Each rule on a separate document, and the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.cli import main
from contract.errors import ContractError
from contract.lint.engine import explanations, lint
from contract.lint.report_formats import FORMATS

CASES = Path(__file__).parent / "cases"
HEAD = 'openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\n'
PETS = HEAD + "paths:\n  /pets:\n    get: {operationId: listPets, responses: {'200': {description: Done.}}}\n"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write files into an empty working folder."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        return tmp_path / "openapi.yaml"

    return write


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_lint_rule_reports_its_violations(case: Any, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / case)

    result = [finding for finding in lint(Path("openapi.yaml")) if finding.rule == case]

    assert result
    golden(CASES / case / "expected.txt", FORMATS["text"](result))


def test_every_rule_has_a_case() -> None:
    assert {path.name for path in CASES.iterdir()} == set(explanations())


def test_lint_prints_location_rule_and_source_line(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    written(openapi=PETS)

    code = main(["lint", "openapi.yaml"])

    out = capsys.readouterr().out
    assert code == 1
    assert "openapi.yaml:5:11: operation-id-is-verb-and-noun: An operationId is a verb and a noun in snake_case (listPets)\n" in out
    assert "        get: {operationId: listPets, responses: {'200': {description: Done.}}}\n              ^\n" in out


def test_lint_exits_with_0_without_findings(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    written(openapi=HEAD + "paths: {}\n")

    assert main(["lint", "openapi.yaml"]) == 0
    assert capsys.readouterr().out == ""


def test_lint_exits_with_2_for_an_unreadable_document(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    written(openapi="openapi: 3.1.0\npaths:\n\t/x: {}\n")

    assert main(["lint", "openapi.yaml"]) == 2
    assert capsys.readouterr().err == "openapi.yaml:3:1: a tab cannot indent YAML, use spaces\n"


def test_lint_settings_disable_a_rule_and_suppress_a_finding_with_a_reason(written: Any) -> None:
    path = written(
        openapi=PETS,
        lint="""
off: {operation-has-a-tag: This small document has no tags.}
suppress: [{rule: operation-has-a-summary, at: /paths/~1pets, reason: The path says it all.}]
""",
    )

    rules = {finding.rule for finding in lint(path)}

    assert rules.isdisjoint({"operation-has-a-tag", "operation-has-a-summary"})
    assert "operation-id-is-verb-and-noun" in rules


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("off: {no-such-rule: It was never there.}", "lint.yaml:1:7: there is no rule 'no-such-rule', `contract lint --rules` lists them"),
        ("suppress: [{rule: operation-has-a-tag, at: /paths}]", "lint.yaml: Object missing required field `reason` - at `$.suppress[0]`"),
        ("off: {operation-has-a-tag: no}", "lint.yaml: Expected `str` of length >= 10 - at `$.off[...]`"),
        ("offf: {}", "lint.yaml: Object contains unknown field `offf`"),
    ],
)
def test_lint_refuses_invalid_settings(written: Any, settings: str, sentence: str) -> None:
    path = written(openapi=PETS, lint=settings)

    with pytest.raises(ContractError) as refused:
        lint(path)

    assert str(refused.value) == sentence


def test_lint_settings_change_the_required_statuses(written: Any) -> None:
    path = written(openapi=PETS, lint="statuses: {every: [418]}")

    texts = [finding.text for finding in lint(path) if finding.rule == "statuses-are-documented"]

    assert texts == ["An operation documents every status that operations of its kind can return (listPets lacks 418)"]


def test_lint_of_a_3_0_document_uses_its_own_meta_schema(written: Any) -> None:
    old = 'openapi: 3.0.3\ninfo: {title: Pets, version: "1"}\npaths: {}\ncomponents: {schemas: {Pet: %s}}\n'

    wrong = lint(written(openapi=old % "{type: [string]}"))
    right = lint(written(openapi=old % "{nullable: true, type: string}"))

    assert {finding.rule for finding in wrong} == {"valid-openapi"}
    assert [finding.rule for finding in right] == ["component-is-used"]


def test_lint_writes_json_sarif_and_github_annotations(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    written(openapi=PETS)

    main(["lint", "openapi.yaml", "--format", "json"])
    first = json.loads(capsys.readouterr().out)["findings"][0]
    main(["lint", "openapi.yaml", "--format", "sarif"])
    run = json.loads(capsys.readouterr().out)["runs"][0]
    main(["lint", "openapi.yaml", "--format", "github"])
    annotation = capsys.readouterr().out.splitlines()[0]

    assert (first["file"], first["line"], first["column"], first["pointer"]) == ("openapi.yaml", 5, 5, "/paths/~1pets/get")
    assert run["results"][0]["ruleId"] == first["rule"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {result["ruleId"] for result in run["results"]}
    assert annotation == f"::error file=openapi.yaml,line=5,col=5,title={first['rule']}::{first['text']}"


def test_lint_explains_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--explain", "list-is-paged"]) == 0
    assert "lint.yaml: `pagination`" in capsys.readouterr().out
    assert main(["lint", "--explain", "nothing"]) == 2


def test_lint_lists_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--rules"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(explanations())
