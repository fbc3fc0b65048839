from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contract import cli
from contract.testing.coverage import measure
from contract.traffic.exchange import Exchange, HttpMessage
from contract.traffic.observing import Observation, Observer

JSON = (("Content-Type", "application/json"),)
PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets & <friends>", "version": "1"},
    "servers": [{"url": "https://{region}.example/v1", "variables": {"region": {"default": "eu"}}}],
    "paths": {
        "/pets": {
            "get": {"operationId": "list_pets", "responses": {"200": {"description": "All."}, "4XX": {"description": "Refused."}}},
            "post": {
                "operationId": "create_pet",
                "requestBody": {"content": {"application/json": {"examples": {"cat": {"value": {"name": "Tom"}}}}}},
                "responses": {
                    "201": {
                        "description": "Made.",
                        "content": {"application/json": {}},
                        "links": {"show": {"operationId": "show_pet", "parameters": {"path.id": "$response.body#/pet/id"}}},
                    },
                    "default": {"description": "Else."},
                },
            },
        },
        "/pets/{id}": {
            "get": {
                "operationId": "show_pet",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "One."}},
            }
        },
    },
}
MADE = {"pet": {"id": 7}}


def exchange(method: str = "POST", url: str = "/pets", status: int = 201, sent: Any = None, got: Any = None) -> Any:
    request = HttpMessage(JSON if sent is not None else (), b"" if sent is None else json.dumps(sent).encode())
    return Exchange(
        method, url, status, request, HttpMessage(JSON if got is not None else (), b"" if got is None else json.dumps(got).encode())
    )


def har_entry(method: Any, url: Any, status: Any, *, sent: Any = None, got: Any = None) -> Any:
    request = {"method": method, "url": url, "headers": [{"name": "content-type", "value": "application/json"}] if sent else []}
    if sent:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(sent)}
    content = {"text": json.dumps(got)} if got else {"size": 0}
    headers = [{"name": "Content-Type", "value": "application/json"}] if got else []
    return {"request": request, "response": {"status": status, "headers": headers, "content": content}}


@pytest.fixture
def spec(tmp_path: Path) -> Any:
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(PETS))
    return path


@pytest.fixture
def record(tmp_path: Path) -> Any:
    path = tmp_path / "seen.jsonl"
    path.write_text('{"operation": "list_pets", "status": 200}\n\n{"operation": "list_pets", "status": 404, "code": "not_found"}\n')
    return path


def test_measure_assigns_statuses_to_ranges() -> None:
    responses = measure(PETS, [Observation("list_pets", "404"), Observation("create_pet", "503")]).shares["responses"]

    assert [(each.operation, each.status) for each in responses.missing] == [
        ("list_pets", "200"),
        ("create_pet", "201"),
        ("show_pet", "200"),
    ]
    assert responses.percent == 40


def test_measure_lists_undocumented_observations() -> None:
    result = measure(PETS, [Observation("list_pets", "500"), Observation("feed_pet", "200"), Observation("list_pets", "200", "text/csv")])

    assert result.strange == [Observation("feed_pet", "200"), Observation("list_pets", "200", "text/csv"), Observation("list_pets", "500")]


def test_an_exchange_covers_its_media_types_and_example() -> None:
    seen = Observer(PETS).observe("/pets", exchange(sent={"name": "Tom"}, got=MADE))

    assert seen == [
        Observation("create_pet", "201"),
        Observation("create_pet", "201", "application/json"),
        Observation("create_pet", media="application/json"),
        Observation("create_pet", media="application/json", example="cat"),
    ]


def test_a_link_is_followed_only_by_its_own_value() -> None:
    observer = Observer(PETS)
    observer.observe("/pets", exchange(sent={"name": "Kim"}, got=MADE))

    assert observer.observe("/pets/8", exchange("GET", "/pets/8", 200)) == [Observation("show_pet", "200")]
    assert Observation("create_pet", "201", link="show") in observer.observe("/pets/7", exchange("GET", "/pets/7", 200))


def test_a_link_may_have_expressions_in_its_body() -> None:
    links = {"twin": {"operationId": "create_pet", "requestBody": {"name": "$request.body#/name", "of": "$response.body#/pet/id"}}}
    response = PETS["paths"]["/pets"]["post"]["responses"]["201"] | {"links": links}
    post = PETS["paths"]["/pets"]["post"] | {"responses": {"201": response}}
    observer = Observer(PETS | {"paths": PETS["paths"] | {"/pets": {"post": post}}})
    observer.observe("/pets", exchange(sent={"name": "Kim"}, got=MADE))

    assert Observation("create_pet", "201", link="twin") in observer.observe("/pets", exchange(sent={"name": "Kim", "of": 7}, got=MADE))


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/cats"), ("DELETE", "/pets"), ("GET", "")], ids=["no such path", "no such method", "no path"]
)
def test_a_request_without_an_operation_covers_nothing(method: str, path: str) -> None:
    assert Observer(PETS).observe(path, exchange(method, path, 404)) == []


def test_coverage_lists_missing_parts(spec: Any, record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["coverage", str(record), "--spec", str(spec)])

    assert (code, capsys.readouterr().out) == (
        1,
        (
            "never seen: create_pet 201\nnever seen: create_pet default\nnever seen: show_pet 200\n"
            "never seen: create_pet 201 application/json\nnever seen: create_pet sends application/json\n"
            "never sent: create_pet sends application/json, example cat\nnever followed: create_pet 201, link show\n"
            "2 of 5 responses seen (40.0 %)\n0 of 2 media types seen (0.0 %)\n0 of 1 examples seen (0.0 %)\n0 of 1 links seen (0.0 %)\n"
        ),
    )


@pytest.mark.parametrize(
    ("targets", "expected"),
    [(["40", "media=0", "examples=0", "links=0"], 0), (["41", "media=0", "examples=0", "links=0"], 1), (["0"], 0), (["0", "links=1"], 1)],
)
def test_coverage_compares_with_its_targets(
    spec: Any, record: Any, capsys: pytest.CaptureFixture[str], targets: Any, expected: int
) -> None:
    arguments = [word for target in targets for word in ("--target", target)]
    code = cli.main(["coverage", str(record), "--spec", str(spec), *arguments, "--format", "json"])

    result = json.loads(capsys.readouterr().out)
    assert code == expected
    assert result["parts"]["answers"]["percent"] == 40
    assert result["parts"]["links"]["missing"] == [{"operation": "create_pet", "status": "201", "link": "show"}]


def test_coverage_reads_a_har_file(spec: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://eu.example/v1/pets"
    entries = [har_entry("POST", url, 201, sent={"name": "Tom"}, got=MADE), har_entry("GET", f"{url}/7", 200), har_entry("GET", url, 200)]
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps({"log": {"entries": [*entries, har_entry("GET", "https://other.example/", 200), har_entry("GET", url, 0)]}}))

    assert cli.main(["coverage", str(path), "--spec", str(spec), "--target", "60"]) == 0
    assert capsys.readouterr().out.endswith(
        "3 of 5 responses seen (60.0 %)\n2 of 2 media types seen (100.0 %)\n1 of 1 examples seen (100.0 %)\n1 of 1 links seen (100.0 %)\n"
    )


def test_coverage_writes_a_page_with_every_operation(spec: Any, record: Any, tmp_path: Path) -> None:
    page = tmp_path / "build" / "coverage.html"
    cli.main(["coverage", str(record), "--spec", str(spec), "--format", "html", "-o", str(page)])

    text = page.read_text()
    assert "Coverage of Pets &amp; &lt;friends&gt;" in text
    assert '<li class="missing" title="never seen: 201, link show">' in text
    assert '<li title="seen: 200">' in text
    assert "http" not in text.replace("https://", "http")  # it loads nothing


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.jsonl", '{"status": 200}\n', "a.jsonl:1:1: is not an exchange"),
        ("a.jsonl", '{"operation": "list_pets"}\n', "a.jsonl:1:1: is not an exchange"),
        ("a.jsonl", "[]\n", "a.jsonl:1:1: is not an exchange"),
        ("a.har", "", "a.har:1:1: is empty"),
        ("a.har", '{"log": {"entries": 5}}', "a.har:1:1: is not a HAR file"),
        ("a.har", '{"log":\n {', "a.har:2:3: is not valid JSON"),
        ("a.har", '{"log": {"entries": [{"request": {}}]}}', "a.har:1:1: entry 1 is not a HAR entry"),
        ("a.har", json.dumps({"log": {"entries": [har_entry("GET", "https://x.example/", 200)]}}), "contains no exchange with https://"),
        ("a.jsonl", '{"request": 5}\n', "a.jsonl:1:1: is not a recorded exchange"),
    ],
)
def test_an_unreadable_record_is_one_message(
    spec: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: Any, says: str
) -> None:
    (tmp_path / name).write_text(text)

    assert cli.main(["coverage", str(tmp_path / name), "--spec", str(spec)]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_coverage_reports_a_missing_file(spec: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["coverage", str(tmp_path / "none"), "--spec", str(spec)]) == 2
    assert "none:1:1: cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("written", ["nan", "inf", "links=-inf", "much"])
def test_an_invalid_target_is_refused(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["coverage", "none.jsonl", f"--target={written}"]) == 2
    assert "is not a percentage." in capsys.readouterr().err
