"""`contract lint --fix`: it fixes findings and keeps the rest of the file byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.cli import main
from contract.lint.fixing import fix

PETS = """\
openapi: 3.1.0  # the version
info: {title: Pets, version: "1"}
tags:
  # first those that are used
  - {name: pets, description: All pets.}
  - name: gone
    description: Nobody uses it.

  - {name: last, description: Also used.}
paths:
  /pets:
    get:
      # the list
      summary: "List pets."
      tags: [pets, new]
      security: [{key: []}]
      parameters: [{$ref: "#/components/parameters/Limit"}]
      responses:
        "200": {description: All.}
        "400": {$ref: "#/components/responses/Bad"}
    post:
      operationId: create_pet
      summary: 'Make one.'
      tags: [last, new]
      responses:
        "200": {description: Made.}
        "400": {$ref: "#/components/responses/Bad"}
        "401": {$ref: "#/components/responses/Who"}

        # kept
        "500": {$ref: '#/components/responses/Fault'}
components:
  responses:
    Bad: {description: Bad.}
    Who: {description: Who are you?}
    Fault: {description: Ours.}
    Never:
      description: |
        Nobody gives it.
        Never.
    # the end of responses
  parameters:
    Limit: {name: limit, in: query, schema: {enum: [1, 2, 1], type: integer}}
  securitySchemes: {key: {type: http, scheme: bearer}}
"""
MENDED = (
    PETS.replace("  - name: gone\n    description: Nobody uses it.\n", "")
    .replace("  - {name: last, description: Also used.}\n", "  - {name: last, description: Also used.}\n  - {name: new}\n")
    .replace("      # the list\n      summary", "      # the list\n      operationId: get_pets\n      summary")
    .replace('"List pets."', '"List pets"')
    .replace("'Make one.'", "'Make one'")
    .replace(
        """        "400": {$ref: "#/components/responses/Bad"}\n    post""",
        """        "400": {$ref: "#/components/responses/Bad"}\n"""
        """        '401': {$ref: '#/components/responses/Who'}\n        '500': {$ref: '#/components/responses/Fault'}\n    post""",
    )
    .replace("    Never:\n      description: |\n        Nobody gives it.\n        Never.\n", "")
    .replace("[1, 2, 1]", "[1, 2]")
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fix_changes_only_the_fixed_lines(folder: Path) -> None:
    (folder / "openapi.yaml").write_text(PETS)

    changed, left = fix(folder / "openapi.yaml")

    assert (folder / "openapi.yaml").read_text().splitlines() == MENDED.splitlines()
    assert changed == [Path("openapi.yaml")]
    assert {each.rule for each in left} & {
        "operation-has-an-id",
        "operation-has-a-summary",
        "tags-are-declared",
        "component-is-used",
    } == set()
    assert fix(folder / "openapi.yaml") == ([], left)


def test_fix_keeps_json_valid(folder: Path) -> None:
    text = (
        '{"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"},\n "paths": {"/pets": {"get": {"summary": "List.", '
        '"responses": {"200": {"description": "All."}}}}},\n "components": {"schemas": {"A": {}, "B": {}}}}'
    )
    (folder / "openapi.json").write_text(text)

    fix(folder / "openapi.json")
    written = (folder / "openapi.json").read_text()

    assert written == text.replace('{"summary": "List."', '{"operationId": "get_pets", "summary": "List"').replace('"A": {}, ', "")
    assert json.loads(written)


def test_fix_removes_unused_suppressions(folder: Path) -> None:
    (folder / "openapi.yaml").write_text('openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\npaths: {}\n')
    entry = "  - {rule: tag-is-described, at: /tags/%d, reason: It is said elsewhere.}\n"
    (folder / "lint.yaml").write_text("suppress:\n" + entry % 0 + "  # why\n" + entry % 1)

    fix(folder / "openapi.yaml")

    assert (folder / "lint.yaml").read_text().count("rule:") == 1  # the last entry stays: the author decides about an empty list


def test_fix_edits_the_file_of_the_finding(folder: Path) -> None:
    (folder / "openapi.yaml").write_text('openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\npaths:\n  /pets: {$ref: "pets.yaml#/pets"}\n')
    (folder / "pets.yaml").write_text("pets:\n  get: {operationId: list_pets, summary: All., responses: {'200': {description: All.}}}\n")

    changed, _ = fix(folder / "openapi.yaml")

    assert changed == [Path("pets.yaml")]
    assert (folder / "pets.yaml").read_text().startswith("pets:\n  get: {operationId: list_pets, summary: All, responses")


def test_fix_does_not_edit_multiline_strings(folder: Path) -> None:
    text = PETS.replace('summary: "List pets."', "summary: >\n        List\n        pets.")
    (folder / "openapi.yaml").write_text(text)

    _, left = fix(folder / "openapi.yaml")

    assert "        List\n        pets.\n" in (folder / "openapi.yaml").read_text()
    assert "operation-has-a-summary" in {each.rule for each in left}


def test_fix_prints_the_changes_and_the_remaining_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "openapi.yaml").write_text(PETS)

    assert main(["lint", "--fix", "openapi.yaml"]) == 1
    output = capsys.readouterr()
    assert output.err.startswith("changed openapi.yaml\n")
    assert "operation-has-a-summary" not in output.out
    assert "parameter-is-described" in output.out


def test_fix_does_not_touch_an_unreadable_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "openapi.yaml").write_text("openapi: 3.1.0\n\tinfo: {}\n")

    assert main(["lint", "--fix", "openapi.yaml"]) == 2
    assert (folder / "openapi.yaml").read_text() == "openapi: 3.1.0\n\tinfo: {}\n"
    assert "openapi.yaml:2:1: a tab cannot indent YAML" in capsys.readouterr().err


def test_fix_counts_lines_like_the_parser(folder: Path) -> None:
    text = PETS.replace("{title: Pets,", '{title: Pets, description: "one\u2028two\u2029three\u0085four",')
    (folder / "openapi.yaml").write_bytes(text.encode())

    fix(folder / "openapi.yaml")

    mended = MENDED.replace("{title: Pets,", '{title: Pets, description: "one\u2028two\u2029three\u0085four",')
    assert (folder / "openapi.yaml").read_bytes().decode() == mended


@pytest.mark.parametrize(
    ("values", "mended"),
    [
        ("[&v red, blue, blue, *v]", "[&v red, blue]"),
        ("[blue, &v red, red, *v, blue]", "[blue, &v red]"),
        ("[red, red, &v blue, *v]", "[red, &v blue]"),
    ],
)
def test_fix_removes_aliases_of_duplicate_values(folder: Path, values: str, mended: str) -> None:
    (folder / "openapi.yaml").write_text(PETS.replace("[1, 2, 1], type: integer", f"{values}, type: string"))

    fix(folder / "openapi.yaml")

    assert (folder / "openapi.yaml").read_text() == MENDED.replace("[1, 2], type: integer", f"{mended}, type: string")


def test_fix_does_not_edit_aliased_nodes(folder: Path) -> None:
    tags, aliased = "tags: [pets, new]", "tags: &tags [pets, new]"
    shared = PETS.replace('summary: "List pets."', 'summary: &said "List pets."').replace(tags, aliased)
    shared = shared.replace("summary: 'Make one.'", "summary: *said").replace("{description: Bad.}", "{description: *said}")
    (folder / "openapi.yaml").write_text(shared)

    _, left = fix(folder / "openapi.yaml")

    text = (folder / "openapi.yaml").read_text()
    assert 'summary: &said "List pets."' in text
    assert "Never" not in text
    assert "operation-has-a-summary" in {each.rule for each in left}


def test_a_rejected_edit_does_not_block_other_edits(folder: Path) -> None:
    joined = "  - name: gone\n    description: Nobody uses it.\n"
    text = PETS.replace(joined, "  - {name: gone,\n    description: Nobody.}\u0085  - {name: also, description: Nobody.}\n")
    (folder / "openapi.yaml").write_bytes(text.encode())

    fix(folder / "openapi.yaml")

    written = (folder / "openapi.yaml").read_bytes().decode()
    assert "name: gone" in written
    assert "operationId: get_pets" in written
    assert "Never" not in written


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  - {name: gone}\u0085  # of the next\n", "# of the next"),
        ("  - {name: gone}\r  # of the next\n", "# of the next"),
        ("  - {name: gone, x-of: [1]}  # its own\n", ""),
    ],
)
def test_fix_removes_no_comment_of_another_line(folder: Path, written: str, kept: str) -> None:
    text = PETS.replace("  - name: gone\n    description: Nobody uses it.\n", written)
    (folder / "openapi.yaml").write_bytes(text.replace("[1, 2, 1]", "[1, 2,  # two\n      1]").encode())

    fix(folder / "openapi.yaml")

    after = (folder / "openapi.yaml").read_bytes().decode()
    assert ("gone" in after) == bool(kept)
    assert kept in after
    assert "# two" in after
    assert "Never" not in after


def test_fix_keeps_line_endings_byte_order_mark_and_file_mode(folder: Path) -> None:
    file = folder / "openapi.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + PETS.replace("\n", "\r\n").encode())
    file.chmod(0o640)

    fix(file)

    assert file.read_bytes() == b"\xef\xbb\xbf" + MENDED.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in folder.iterdir()] == ["openapi.yaml"]


def test_fix_parses_json_as_json(folder: Path) -> None:
    text = '{"openapi": "3.1.0",\n\t"info": {"title": "\\ud83d\\ude00\u2028", "version": "1"}, "paths": {"/pets": {"get": {\n%s'
    text += '\t"responses": {"200": {"description": "All."}}}}},\n "components": {"schemas": {"A": {}, "B": {}}}}'
    (folder / "openapi.json").write_bytes(b"\xef\xbb\xbf" + (text % '\t"summary": "List.",\n').encode())

    fix(folder / "openapi.json")

    mended = text.replace('"A": {}, ', "").replace("{\n%s", '{"operationId": "get_pets", \n\t"summary": "List",\n')
    assert (folder / "openapi.json").read_bytes() == b"\xef\xbb\xbf" + mended.encode()


def test_fix_edits_every_operation_of_a_large_document_in_one_run(folder: Path) -> None:
    paths = "".join(
        f"  /p{number}:\n    get:\n      summary: List.\n      responses: {{'200': {{description: All.}}}}\n" for number in range(200)
    )
    (folder / "openapi.yaml").write_text('openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\npaths:\n' + paths)

    fix(folder / "openapi.yaml")

    assert (folder / "openapi.yaml").read_text().count("operationId: get_p") == 200
