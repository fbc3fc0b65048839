"""The recorder: the recorded parts of traffic. It never changes a response."""

from __future__ import annotations

import io
import json
import re
import resource
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wsgi import ClosingIterator

from contract.traffic import recorder_settings, redaction
from contract.traffic.exchange import HttpMessage
from contract.traffic.reading import Base, exchanges
from contract.traffic.recorder import MAX_BODY_BYTES, RecorderContext, TrafficRecorder
from contract.traffic.recorder_settings import Recording
from contract.traffic.verification import verify

JSON = (("Content-Type", "application/json; charset=utf-8"),)


@pytest.fixture
def bundle() -> Any:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    pets = {"type": "object", "properties": {"pets": {"type": "array"}}}
    response = {"description": "All.", "content": {"application/json": {"schema": pets}}}
    return {
        "openapi": "3.1.0",
        "servers": [{"url": "/api"}],
        "paths": {"/pets": {"get": {"operationId": "list_pets", "parameters": [limit], "responses": {"200": response}}}},
    }


def application(environ: Any, start_response: Any) -> Any:
    """Returns the request body and a secret."""
    sent = environ["wsgi.input"].read()
    body = {"text/event-stream": b"data: ada@example.com\n\n"}.get(environ.get("HTTP_ACCEPT", ""))
    body = body if body is not None else json.dumps({"said": json.loads(sent or "null"), "secret_key": "sk_Live9"}).encode()
    start_response("200 OK", [("Content-Type", environ.get("HTTP_ACCEPT") or "application/json"), ("Set-Cookie", "session=Geheim1")])
    return [body]


@pytest.fixture
def record(tmp_path: Path) -> Any:
    return tmp_path / "traffic.jsonl"


def recorder(record: Any, *, share: float = 1.0, limit: int = 1_000_000, faults: Any = None, draw: Any = lambda: 0.5) -> Any:
    around = RecorderContext(draw, lambda: 1_700_000_000_000, (faults if faults is not None else []).append)
    recording_ = TrafficRecorder(application, Recording(record, share, limit), around)

    def served(environ: Any, start_response: Any) -> Any:
        """Read the whole response, as a server does."""
        with closing(ClosingIterator(recording_(environ, start_response))) as chunks:
            return [b"".join(chunks)]

    return Client(served)


@pytest.mark.parametrize(
    ("sent", "recorded"),
    [("/api/pets/count", "/api/pets/count"), ("/api/pets/a%2Fb", "/api/pets/a%2Fb"), ("/api/pets/%C3%BC%20c", "/api/pets/a%20a")],
)
def test_a_slash_inside_a_segment_stays_encoded(record: Any, sent: str, recorded: str) -> None:
    recorder(record).get(sent)

    assert json.loads(record.read_text())["url"] == recorded


def test_the_recorder_writes_shapes_and_no_secrets(record: Any) -> None:
    client = recorder(record)
    body = {"email": "ada.l@example.com", "password": "Geheim123", "key": "Abc9", "text": "so long " * 40, "code": "not_found", "n": 5}
    client.post("/api/pets?token=Geheim1&to=kim%40example.com", json=body, headers={"Authorization": "Bearer Geheim"})

    text = record.read_text()
    output = json.loads(text)
    assert json.loads(output["request"]["body"]) == body | {
        "email": "aaa.a@aaaaaaa.aaa",
        "password": "Aaaaaa000",
        "key": "Aaa0",
        "text": "aa aaaa " * 40,
    }
    assert json.loads(output["answer"]["body"])["secret_key"] == "aa_Aaaa0"
    assert output["url"] == "/api/pets?token=Aaaaaa0&to=aaa@aaaaaaa.aaa"
    assert not re.search("Geheim|ada|kim", text)
    assert record.stat().st_mode & 0o777 == 0o600


UNMASKED: dict[str, object] = {
    "status": "not_found",
    "id": "ctc_0123456789abcdef0123456789abcdef",
    "uuid": "00000000-0000-4000-8000-00000000000a",
    "scopes": "email:send,contacts:*",
    "at": "2026-01-01T12:00:00.5Z",
    "record": "CNAME",
    "is_secret": True,
    "count": 1234567,
}
SENSITIVE: list[object] = [
    {"url": "https://x.example/inbound/sendgrid/acc_1.Geheim"},
    {"credentials": {"value": "geheim", "more": [{"deep": "geheim"}]}},
    {"first_name": "geheim", "subject": "geheim", "phone": 4711},
    {"text": '"Geheim b"@x.example', "Geheim@x.example": 1},
    {"text": "ГЕХЕИМ Geheim ", "pin": 4711},
    {"text": "G" * 7, "address": "198.51.100.7"},
]


def kept_of(body: Any) -> Any:
    sent = HttpMessage(JSON, json.dumps(body, ensure_ascii=False).encode())
    return (redaction.redacted(sent).body or b"").decode()


def test_values_that_look_like_codes_are_kept() -> None:
    assert json.loads(kept_of(UNMASKED)) == UNMASKED


@pytest.mark.parametrize("body", SENSITIVE)
def test_personal_data_is_masked(body: Any) -> None:
    assert not re.search("geheim|ГЕХЕИМ|GGG|4711|198", kept_of(body), re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Referer", "https://x.example/a?token=geheim"),
        ("Location", "/a?ticket=geheim"),
        ("Location", "/inbound/acc_1.geheim"),
        ("Link", '</a?token=geheim>; rel="next"'),
        ("X-Auth", "geheim"),
        ("X-Forwarded-For", "geheim"),
        ("User-Agent", "Geheim/1"),
    ],
)
def test_secrets_in_header_fields_are_masked(name: str, value: str) -> None:
    assert "geheim" not in redaction.header(name, value).lower()


@pytest.mark.parametrize(
    "value", ["application/json; charset=utf-8", "Sun, 22 Nov 2026 11:06:27 GMT", "/api/pets/pet_1", "no-cache, max-age=0"]
)
def test_header_fields_about_the_message_are_kept(value: str) -> None:
    assert redaction.header("X-Any", value) == value


def test_secrets_in_urls_are_masked() -> None:
    assert redaction.url("/api/inbound/acc_1.Geheim/list_pets/pet_1", "a%40b.c=1&filter[kim@b.c]=2&limit=5") == (
        "/api/inbound/aaa_0.Aaaaaa/list_pets/pet_1?a@a.a=1&filter[aaa@a.a]=2&limit=5"
    )


@pytest.mark.parametrize("text", ["a@" + "b." * 10_000 + "!", "aB1+" * 16_000, "a," * 30_000, "a" * 64_000 + "@", '"' * 60_000])
def test_redaction_is_linear(text: str) -> None:
    # Quadratic time would be minutes, beyond the limit of the suite.
    for _ in range(20):
        assert len(redaction.header("X-Any", text)) == len(kept_of([text]).encode().decode()) - 4 - text.count('"')
        redaction.url("/" + text, text)


def test_an_unread_response_is_closed(record: Any) -> None:
    closed: list[bool] = []
    faults: list[OSError] = []

    response = ClosingIterator([b"{}"], lambda: closed.append(True))
    around = RecorderContext(lambda: 0.5, lambda: 1, faults.append)
    environ = {"wsgi.input": io.BytesIO(), "REQUEST_METHOD": "GET"}
    recorded: Any = TrafficRecorder(lambda _environ, _start: response, Recording(record), around)(environ, lambda *_: None)
    recorded.close()
    assert (closed, faults) == ([True], [])


def test_a_full_disk_leaves_no_partial_line(record: Any) -> None:
    faults: list[OSError] = []
    client = recorder(record, faults=faults)
    client.get("/api/pets")
    whole = record.read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 20, before[1]))
    try:
        client.get("/api/pets")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    client.get("/api/pets")

    assert len([json.loads(line) for line in record.read_text().splitlines()]) == 2
    assert [type(fault) for fault in faults] == [OSError]


def test_the_rotated_file_is_private(record: Any) -> None:
    aside = record.with_name("traffic.jsonl.1")
    aside.write_text("before")
    aside.chmod(0o644)
    client = recorder(record, limit=1_500)
    for _ in range(4):
        client.get("/api/pets")
    assert aside.stat().st_mode & 0o777 == 0o600
    assert aside.read_text().startswith('{"at"')


def test_a_huge_content_length_does_not_fail_the_request(record: Any) -> None:
    assert recorder(record).get("/a", environ_overrides={"CONTENT_LENGTH": "9" * 5_000}).status_code == 200
    assert json.loads(record.read_text())["request"]["body"] is None


def test_an_exchange_that_cannot_be_encoded_does_not_fail_the_request(record: Any) -> None:
    faults: list[OSError] = []
    environ = {"wsgi.input": io.BytesIO(), "REQUEST_METHOD": "GET", "PATH_INFO": "/\u20ac"}  # PEP 3333 allows Latin-1 only
    around = RecorderContext(lambda: 0.5, lambda: 1, faults.append)
    assert list(TrafficRecorder(application, Recording(record), around)(environ, lambda *_: None))
    assert [type(fault) for fault in faults] == [OSError]


def test_recorded_traffic_can_be_verified(record: Any, bundle: Any) -> None:
    recorder(record).get("/api/pets?limit=3")

    (pair,) = exchanges(record, Base(bundle))
    assert [each.name for each in verify(bundle, [pair]).unknown] == ["said", "secret_key"]


def test_streams_and_long_bodies_are_recorded_without_the_body(record: Any) -> None:
    client = recorder(record)
    client.get("/api/pets", headers={"Accept": "text/event-stream"})
    client.post("/api/pets", json="x" * MAX_BODY_BYTES)

    assert [json.loads(line)["answer"]["body"] for line in record.read_text().splitlines()] == [None, None]
    assert json.loads(record.read_text().splitlines()[1])["request"]["body"] is None


def test_the_recorder_samples_and_limits_the_file_size(record: Any) -> None:
    numbers = iter([0.1, 0.9] * 40)
    client = recorder(record, share=0.5, limit=4_000, draw=lambda: next(numbers))
    for _ in range(40):
        client.get("/api/pets")

    aside = record.with_name("traffic.jsonl.1")
    assert record.stat().st_size + aside.stat().st_size <= 4_000
    assert len(record.read_text().splitlines()) + len(aside.read_text().splitlines()) < 20


def test_an_unwritable_record_does_not_fail_the_request(tmp_path: Path) -> None:
    faults: list[OSError] = []
    response = recorder(tmp_path / "gone" / "traffic.jsonl", faults=faults).get("/api/pets")

    assert response.json["said"] is None
    assert [type(fault) for fault in faults] == [FileNotFoundError]


@pytest.mark.parametrize("written", ["", "a.jsonl", "a.jsonl,share=0.25", "a.jsonl,limit=5,share=1"])
def test_a_recording_option_is_parsed(written: str) -> None:
    result = recorder_settings.parse(written)
    assert (result is None) == (written == "")
    assert result is None or result.path.name == "a.jsonl"


@pytest.mark.parametrize("written", [",share=1", "a,share=2", "a,limit=x", "a,limit=0", "a,rate=1", "a,share"])
def test_an_invalid_recording_option_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        recorder_settings.parse(written)
