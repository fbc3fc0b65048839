from __future__ import annotations

import json

import pytest

from contract import cli
from contract.coverage import Pair, measure

PETS = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {"operationId": "list_pets", "responses": {"200": {"description": "All."}, "4XX": {"description": "Refused."}}},
            "post": {"operationId": "create_pet", "responses": {"200": {"description": "Made."}, "default": {"description": "Else."}}},
        }
    },
}


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(PETS))
    return path


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "seen.jsonl"
    path.write_text('{"operation": "list_pets", "status": 200}\n\n{"operation": "list_pets", "status": 404, "code": "not_found"}\n')
    return path


def test_measure_fits_statuses_to_their_class():
    found = measure(PETS, [Pair("list_pets", 404), Pair("create_pet", 503)])

    assert [(one.operation, one.status) for one in found.missing] == [("list_pets", 200), ("create_pet", 200)]
    assert (found.percent, found.strange) == (50, [])


def test_measure_names_what_was_never_documented():
    found = measure(PETS, [Pair("list_pets", 500), Pair("feed_pet", 200)])

    assert found.strange == [Pair("feed_pet", 200), Pair("list_pets", 500)]


def test_coverage_lists_what_was_never_seen(spec, record, capsys):
    code = cli.main(["coverage", str(record), "--spec", str(spec)])

    assert (code, capsys.readouterr().out) == (
        1,
        "never seen: create_pet 200\nnever seen: create_pet default\n2 of 4 documented answers seen (50.0 %)\n",
    )


def test_coverage_is_content_with_its_target(spec, record, capsys):
    code = cli.main(["coverage", str(record), "--spec", str(spec), "--target", "50", "--format", "json"])

    found = json.loads(capsys.readouterr().out)
    assert (code, found["documented"], found["percent"]) == (0, 4, 50.0)
    assert found["missing"] == [{"operation": "create_pet", "status": 200}, {"operation": "create_pet", "status": 0}]


@pytest.mark.parametrize("line", ["{", "[]", '{"operation": "x"}', '{"operation": "x", "status": "many"}'])
def test_coverage_names_the_line_that_is_no_exchange(spec, record, capsys, line):
    record.write_text(f"\n{line}\n")

    code = cli.main(["coverage", str(record), "--spec", str(spec)])

    assert code == 2
    assert capsys.readouterr().err.startswith(f"{record}:2: is not an exchange")


def test_coverage_says_that_a_record_is_missing(spec, tmp_path, capsys):
    assert cli.main(["coverage", str(tmp_path / "none.jsonl"), "--spec", str(spec)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}/none.jsonl: cannot be read: No such file or directory\n"
