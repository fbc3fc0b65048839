"""Every rule of `contract diff` on a separate change: its finding, and no other."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from contract.diff import engine
from contract.diff.findings import DiffFinding
from contract.diff.rule_levels import LEVELS, Level
from contract.diff.rules.lifecycle import LifecyclePolicy
from contract.openapi import yaml_nodes
from contract.openapi.locations import Marks

CASES = Path(__file__).parent / "cases"
TODAY = dt.date(2030, 1, 1)
JSON, XML = "application/json", "application/xml"
# Reported for a parameter, not for its schema.
OF_PARAMETERS = {"request-parameter-deprecated", "request-parameter-reactivated", "request-parameter-sunset-date-too-small"}


def _query(schema: Any) -> dict[str, Any]:
    return {"parameters": [{"in": "query", "name": "a", "schema": schema}]}


def _object(schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": schema}}


def _content(schema: Any, media_type: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


# The locations of a schema, and the ids that a change has there.
HOLDERS = {
    "request-parameter": _query,
    "request-parameter-property": lambda schema: _query(_object(schema)),
    "request-header-property": lambda schema: {"parameters": [{"in": "header", "name": "X-A", "schema": _object(schema)}]},
    "request-body": lambda schema: {"requestBody": _content(schema, JSON)},
    "request-property": lambda schema: {"requestBody": _content(_object(schema), JSON)},
    "request-read-only-property": lambda schema: {"requestBody": _content(_object({**schema, "readOnly": True}), JSON)},
    "response-body": lambda schema: {"responses": {"200": _content(schema, JSON)}},
    "response-mediatype": lambda schema: {"responses": {"200": _content(schema, JSON)}},
    "response-property": lambda schema: {"responses": {"200": _content(_object(schema), JSON)}},
    "response-write-only-property": lambda schema: {"responses": {"200": _content(_object({**schema, "writeOnly": True}), JSON)}},
    "response-header": lambda schema: {"responses": {"200": {"headers": {"A": {"schema": schema}}}}},
    "xml request-body": lambda schema: {"requestBody": _content(schema, XML)},
    "xml request-property": lambda schema: {"requestBody": _content(_object(schema), XML)},
    "xml response-body": lambda schema: {"responses": {"200": _content(schema, XML)}},
    "xml response-property": lambda schema: {"responses": {"200": _content(_object(schema), XML)}},
}


def read(name: str) -> Any:
    return yaml_nodes.read((CASES / f"{name}.yaml").read_text(), name, Marks())


@pytest.fixture
def compare(tmp_path: Path) -> Any:
    """Compare two documents, given by their relevant parts."""

    def run(before: dict[str, Any], after: dict[str, Any], days: int = 0) -> list[DiffFinding]:
        for name, version, members in (("base", "1.0.0", before), ("revision", "2.0.0", after)):
            whole = {"openapi": "3.1.0", "info": {"title": "A", "version": version}, "paths": {}, **members}
            (tmp_path / f"{name}.json").write_text(json.dumps(whole))
        policy = LifecyclePolicy(TODAY, dict.fromkeys(("beta", "stable"), days))
        return engine.compare(tmp_path / "base.json", tmp_path / "revision.json", policy).findings

    return run


def by_path(findings: list[DiffFinding]) -> dict[str, set[str]]:
    result: dict[str, set[str]] = {}
    for finding in findings:
        assert finding.endpoint is not None, finding
        result.setdefault(finding.endpoint.path, set()).add(finding.id)
    return result


def schema_cases() -> dict[str, tuple[str, Any, Any]]:
    """Path -> the expected id, and the operation before and after: every change in every location that has an id for it."""
    cases = {}
    for name, (before, after) in read("schemas").items():
        stem, _, direction = name.partition("@")
        for location, holder in HOLDERS.items():
            media, _, rule_place = location.rpartition(" ")
            rule = f"{rule_place}-{stem}"
            is_xml = stem == "type-compatible" and "header" not in location
            if rule in LEVELS and rule not in OF_PARAMETERS and bool(media) == is_xml and direction in rule:
                cases[f"/{location}/{name}"] = (rule, holder(before), holder(after))  # type: ignore[no-untyped-call]  # a function of a table
    return cases


def patched(value: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, entry in patch.items():
        if entry is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), entry)
    return result


def operation_cases(days: int) -> list[dict[str, Any]]:
    return [case for case in read("operations") if case.get("days", 0) == days]


def property_case(case: dict[str, Any], schema: str) -> dict[str, Any]:
    whole = {"type": "object", **case[schema]}
    return {"requestBody": _content(whole, JSON), "responses": {"200": _content(whole, JSON)}}


def test_a_schema_change_has_one_id_in_every_location(compare: Any) -> None:
    cases = schema_cases()

    result = compare(
        {"paths": {path: {"post": before} for path, (_, before, _) in cases.items()}},
        {"paths": {path: {"post": after} for path, (_, _, after) in cases.items()}},
    )

    # A branch without constraints is reported twice: as added or removed, and as harmless.
    expected = {path: {rule, rule.removesuffix("-annotation-only")} for path, (rule, _, _) in cases.items()}
    assert by_path(result) == expected
    annotations = {path for path, (rule, _, _) in cases.items() if rule.endswith("annotation-only")}
    assert annotations
    assert {finding.level for finding in result if finding.endpoint and finding.endpoint.path in annotations} == {Level.INFO}


@pytest.mark.parametrize("days", [0, 30])
def test_an_operation_change_has_the_expected_ids(compare: Any, days: int) -> None:
    cases = operation_cases(days)
    bases = [case.get("base", {}) for case in cases]

    result = compare(
        {"paths": {f"/{index}": {"post": base} for index, base in enumerate(bases)}},
        {
            "paths": {
                f"/{index}": {**case.get("path", {}), "post": patched(bases[index], case.get("patch", {}))}
                for index, case in enumerate(cases)
            }
        },
        days,
    )

    assert by_path(result) == {f"/{index}": set(case["ids"]) for index, case in enumerate(cases) if case["ids"]}


def test_a_property_change_has_the_expected_ids_in_both_directions(compare: Any) -> None:
    cases = read("properties")

    result = compare(
        {"paths": {f"/{index}": {"post": property_case(case, "before")} for index, case in enumerate(cases)}},
        {"paths": {f"/{index}": {"post": property_case(case, "after")} for index, case in enumerate(cases)}},
    )

    assert by_path(result) == {f"/{index}": {*case["ids"], *case.get("hidden", ())} for index, case in enumerate(cases)}


@pytest.mark.parametrize("case", read("documents"))
def test_a_document_change_has_the_expected_ids(compare: Any, case: Any) -> None:
    result = compare(case["before"], case["after"])

    assert {finding.id for finding in result} == set(case["ids"])


def test_every_rule_has_a_case() -> None:
    shown = {rule for rule, _, _ in schema_cases().values()}
    for case in (*read("operations"), *read("properties"), *read("documents")):
        shown |= {*case["ids"], *case.get("hidden", ())}

    assert shown == set(LEVELS)
