"""Reading bodies: size, media type, bytes, JSON, schema and model, each with its own error."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.runtime.binding import Signature
from tests.support.matching import parsed
from tests.support.small_documents import call, client, contract, echo, one_operation, sentences

SCHEMA = """{type: object, properties: {name: {type: string}, count: {type: integer}, at: {type: string, format: date-time},
  ratio: {type: number}, deep: {}, nick: {type: string, x-alias-of: name},
  rows: {type: array, items: {properties: {post_code: {}, postCode: {x-alias-of: post_code}}}}}, additionalProperties: false}"""
LIMIT = 10_000


class Carried(msgspec.Struct):
    """The model of the tests."""

    count: int = 0
    ratio: float = 0.5


class Timed(msgspec.Struct):
    """A model with a time."""

    at: datetime


def post(required: str = "true", media: str = "application/json", schema: str = SCHEMA) -> str:
    body = f"requestBody: {{required: {required}, content: {{{media}: {{schema: {schema}}}}}}}"
    return one_operation(method="post", more=body)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return client(tmp_path_factory.mktemp("bodies"), post(), {"act": echo}, body_limit=LIMIT)


@pytest.fixture(scope="module")
def nested(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return client(tmp_path_factory.mktemp("bodies"), post(), {"act": lambda *_: {}})


def send(api: Any, data: bytes, content_type: str | None = "application/json", environ: dict[str, Any] | None = None) -> Any:
    return api.post("/things", data=data, content_type=content_type, environ_overrides=environ or {})


def outcome(response: Any) -> tuple[int, str]:
    return response.status_code, response.json.get("code", "")


def test_a_body_reaches_the_handler_decoded(api: Any) -> None:
    assert send(api, b'{"name": "Ada", "count": 3}').json["body"] == {"name": "Ada", "count": 3}


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json;x=y", "application/json ;charset=us-ascii"],
)
def test_a_media_type_may_have_parameters(api: Any, content_type: str) -> None:
    assert send(api, b"{}", content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/json; charset=utf-16",
        "json",
        "application/",
        "application/jsonx",
        "a" * 5000,
        "\x00/\x01",
        "*/*",
    ],
)
def test_another_media_type_is_415(api: Any, content_type: str | None) -> None:
    response = send(api, b"{}", content_type)

    assert outcome(response) == (415, "unsupported_media_type")
    if content_type and content_type.isprintable():
        assert response.json["detail"].endswith(f", not {content_type[:100]}")
    assert response.json["detail"].startswith(
        ("The body must be application/json, not ", "The body must be application/json; Content-Type")
    )
    assert len(response.json["detail"]) < 200


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff{}", "The body is not valid JSON: "),
        (b'{"name": "\xff"}', "The body is not UTF-8"),
        (b'{"name": "\\ud800"}', "The body is not valid JSON: "),
        (b'{"name": NaN}', "The body is not valid JSON: "),
        (b'{"ratio": Infinity}', "The body is not valid JSON: "),
        (b'{"ratio": 1e999}', "The body is not valid JSON: "),
        (b'{"count": 1' + b"0" * 5000 + b"}", "The body is not valid JSON: "),
        (b"{'name': 1}", "The body is not valid JSON: "),
        (b'{"name": "a",}', "The body is not valid JSON: "),
        (b"\xef\xbb\xbf{}", "The body is not valid JSON: "),
        ('{"name": "a"}'.encode("utf-16"), "The body is not valid JSON: "),
        (b"{} {}", "The body is not valid JSON: "),
        (b"\x00", "The body is not valid JSON: "),
        (b" ", "The body is not valid JSON: "),
    ],
)
def test_invalid_json_is_400(api: Any, data: Any, sentence: str) -> None:
    response = send(api, data)

    assert outcome(response) == (400, "malformed_body")
    assert response.json["detail"].startswith(sentence)


@pytest.mark.parametrize("depth", [100, 200, 300, 600, 900, 1500, 50_000])
@pytest.mark.parametrize(("brackets", "end"), [("[]", b"}"), ("[]", b', "more": 1}'), ("{}", b"}"), ("{}", b', "more": 1}')])
def test_deep_nesting_is_400(nested: Any, depth: int, brackets: str, end: bytes) -> None:
    opening, closing = {"[]": (b"[", b"]"), "{}": (b'{"a":', b"}")}[brackets]

    response = send(nested, b'{"deep": ' + opening * depth + b"1" + closing * depth + end)

    assert response.status_code == 400 or (response.status_code == 200 and end == b"}")
    assert depth < 1000 or response.json["detail"] == "The body is nested too deeply"


def test_a_very_long_number_is_accepted(api: Any) -> None:
    assert send(api, b'{"count": 1' + b"0" * 400 + b"}").json["body"] == {"count": 10**400}


def test_the_last_of_duplicate_keys_wins(api: Any) -> None:
    assert send(api, b'{"name": "a", "name": "b"}').json["body"] == {"name": "b"}


def test_a_body_that_violates_its_schema_is_400_with_field_errors(api: Any) -> None:
    response = send(api, b'{"name": 1, "count": 1.5, "more": 1}')

    assert outcome(response) == (400, "validation_failed")
    assert sentences(response) == {"#/more": ["Unknown field"], "#/count": ["Must be a whole number"], "#/name": ["Must be text"]}


def test_a_missing_required_body_is_400(api: Any) -> None:
    assert outcome(send(api, b"")) == (400, "malformed_body")
    assert outcome(send(api, b"", None)) == (400, "malformed_body")


def test_a_missing_body_is_an_empty_object_if_the_schema_accepts_it(tmp_path: Path) -> None:
    api = client(tmp_path, post("false"), {"act": (Signature("x", body=Carried), lambda _, body: msgspec.to_builtins(body))})

    assert send(api, b"", None).json == send(api, b"{}").json == {"count": 0, "ratio": 0.5}


def test_a_missing_body_is_none_if_the_schema_requires_fields(tmp_path: Path) -> None:
    schema = "{type: object, required: [count], properties: {count: {type: integer}}}"
    api = client(tmp_path, post("false", schema=schema), {"act": (Signature("x", body=Carried), lambda _, body: {"body": body})})

    assert send(api, b"", None).json == {"body": None}
    assert outcome(send(api, b"{}")) == (400, "validation_failed")


def test_a_body_over_the_limit_is_413_without_reading_it(api: Any) -> None:
    stream = BytesIO(b"x" * 50_000)
    response = send(api, b"", environ={"CONTENT_LENGTH": "50000", "wsgi.input": stream})

    assert outcome(response) == (413, "body_too_large")
    assert stream.tell() == 0


def streamed(stream: Any, **more: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "PATH_INFO": "/things", "CONTENT_TYPE": "application/json", "wsgi.input": stream, **more}


def test_a_chunked_body_over_the_limit_is_413(tmp_path: Path) -> None:
    app = contract(tmp_path, post(), {"act": echo}, body_limit=LIMIT)
    stream = BytesIO(b"x" * 50_000)

    status, _, body = call(app, streamed(stream, HTTP_TRANSFER_ENCODING="chunked"))

    assert (status, json.loads(body)["code"]) == ("413 Request Entity Too Large", "body_too_large")
    assert stream.tell() == LIMIT + 1


@pytest.mark.parametrize("ends", [{"HTTP_TRANSFER_ENCODING": "chunked"}, {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}])
def test_a_chunked_body_is_read(tmp_path: Path, ends: Any) -> None:
    app = contract(tmp_path, post(), {"act": echo})

    _, _, body = call(app, streamed(BytesIO(b'{"name": "a"}'), **ends))

    assert json.loads(body)["body"] == {"name": "a"}


def test_an_endless_stream_is_not_read(tmp_path: Path) -> None:
    class Endless:
        def read(self, _size: int = -1) -> bytes:
            raise AssertionError("nobody may wait for this")

    _, _, body = call(contract(tmp_path, post("false"), {"act": echo}), streamed(Endless()))

    assert json.loads(body)["body"] is None


@pytest.mark.parametrize(
    ("length", "status"), [("abc", 400), ("-1", 400), ("+1", 400), ("1.0", 400), ("²", 400), ("9" * 30, 413), ("9" * 5000, 413)]
)
def test_an_invalid_content_length_is_400(api: Any, length: str, status: int) -> None:
    assert send(api, b"{}", environ={"CONTENT_LENGTH": length}).status_code == status


def test_a_body_shorter_than_announced_is_400(api: Any) -> None:
    assert outcome(send(api, b'{"name"', environ={"CONTENT_LENGTH": "50"})) == (400, "malformed_body")


def test_aliases_are_folded_at_every_depth(api: Any) -> None:
    response = send(api, b'{"nick": "Ada", "rows": [{"postCode": 1}, {"post_code": 2}, {}]}')

    assert response.json["body"] == {"name": "Ada", "rows": [{"post_code": 1}, {"post_code": 2}, {}]}


@pytest.mark.parametrize(("coding", "status"), [("gzip", 415), ("identity", 200), ("", 200), ("gzip, br", 415)])
def test_a_compressed_body_is_415(tmp_path: Path, coding: str, status: int) -> None:
    schema = "{type: object, properties: {count: {type: integer}}}"
    api = client(tmp_path, post(schema=schema), {"act": echo})

    response = api.post("/things", data=b"{}", content_type="application/json", headers={"Content-Encoding": coding})

    assert response.status_code == status
    assert response.headers.get("Accept-Encoding") == (None if status == 200 else "identity")


def test_a_float_without_a_fraction_is_an_integer(tmp_path: Path) -> None:
    schema = "{type: object, properties: {count: {type: integer}, ratio: {type: number}}}"
    api = client(tmp_path, post(schema=schema), {"act": (Signature("x", body=Carried), lambda _, body: msgspec.to_builtins(body))})

    assert send(api, b'{"count": 3.0, "ratio": 2.0}').json == {"count": 3, "ratio": 2.0}


@pytest.mark.parametrize("moment", ["1990-12-31T23:59:60Z", "0000-01-01T00:00:00Z"])
def test_a_value_that_python_cannot_hold_is_400(tmp_path: Path, moment: str) -> None:
    schema = "{type: object, properties: {at: {type: string, format: date-time}}}"
    api = client(tmp_path, post(schema=schema), {"act": (Signature("x", body=Timed), lambda *_: {})})

    response = send(api, json.dumps({"at": moment}).encode())

    assert outcome(response) == (400, "validation_failed")
    assert sentences(response) == {"#/at": ["Invalid RFC3339 encoded datetime"]}


def test_read_only_properties_are_refused_and_not_required(tmp_path: Path) -> None:
    schema = """{type: object, required: [id, name], properties: {id: {$ref: "#/components/schemas/Id"}, name: {type: string},
      inner: {type: object, required: [made_at], properties: {made_at: {type: string, readOnly: true}}}}}"""
    components = "components: {schemas: {Id: {type: string, readOnly: true}}}\n"
    api = client(tmp_path, post(schema=schema) + components, {"act": echo})

    assert send(api, b'{"name": "a", "inner": {}}').status_code == 200
    refused = send(api, b'{"name": "a", "id": "1", "inner": {"made_at": "x"}}')

    assert sentences(refused) == {"#/id": ["Is set by the server"], "#/inner/made_at": ["Is set by the server"]}


def test_other_media_types_are_passed_as_bytes(tmp_path: Path) -> None:
    body = "requestBody: {required: true, content: {text/csv: {}, image/*: {}, application/json: {}}}"
    api = client(tmp_path, one_operation(method="put", more=body), {"act": echo})

    sent = {kind: api.put("/things", data=b"\xff,2", content_type=kind) for kind in ("text/csv; charset=latin-1", "image/png", "video/mp4")}

    assert [response.status_code for response in sent.values()] == [200, 200, 415]
    assert parsed(sent["image/png"])["body"] == "bytes:b'\\xff,2'"


def test_a_json_body_without_a_schema_may_be_anything(tmp_path: Path) -> None:
    api = client(tmp_path, one_operation(method="put", more="requestBody: {content: {application/json: {}}}"), {"act": echo})

    assert parsed(api.put("/things", data=b"[1, null]", content_type="application/json"))["body"] == [1, None]


FORM = """{type: object, required: [name], additionalProperties: false, properties: {name: {type: string, maxLength: 5},
  age: {type: integer}, on: {type: boolean}, tags: {type: array, items: {type: integer}}, plain: {type: array, items: {type: string}},
  place: {type: object, properties: {x: {type: integer}}}}}"""


def form(encoding: str = "{}") -> str:
    content = f"application/x-www-form-urlencoded: {{schema: {FORM}, encoding: {encoding}}}"
    return one_operation(method="post", more=f"requestBody: {{required: true, content: {{{content}}}}}")


def submit(api: Any, data: str) -> Any:
    return api.post("/things", data=data.encode("latin-1"), content_type="application/x-www-form-urlencoded")


def test_a_form_is_decoded_by_its_schema(tmp_path: Path) -> None:
    api = client(tmp_path, form(), {"act": echo})

    response = submit(api, "name=A+%C3%BC&age=7&on=true&tags=1&tags=2&place=%7B%22x%22%3A1%7D&plain=a")

    assert response.json["body"] == {"name": "A ü", "age": 7, "on": True, "tags": [1, 2], "place": {"x": 1}, "plain": ["a"]}


def test_a_form_follows_its_encoding(tmp_path: Path) -> None:
    api = client(tmp_path, form("{tags: {style: pipeDelimited, explode: false}, place: {style: deepObject}}"), {"act": echo})

    assert submit(api, "name=a&tags=1%7C2&place%5Bx%5D=3").json["body"] == {"name": "a", "tags": [1, 2], "place": {"x": 3}}


def test_a_form_that_violates_its_schema_is_400(tmp_path: Path) -> None:
    api = client(tmp_path, form(), {"act": echo})

    assert sentences(submit(api, "name=toolong&age=x&extra=1")) == {
        "#/extra": ["Unknown field"],
        "#/age": ["Must be a whole number"],
        "#/name": ["Must have at most 5 characters"],
    }
    assert outcome(submit(api, "age=1")) == (400, "validation_failed")
    assert outcome(submit(api, "name=%FF")) == (400, "validation_failed")
    assert outcome(submit(api, "name=\xff")) == (400, "malformed_body")
    assert outcome(submit(api, "&".join(f"a{number}=1" for number in range(1500)))) == (400, "validation_failed")


UPLOAD = """{type: object, required: [file], properties: {file: {type: string, format: binary, maxLength: 10},
  more: {type: array, items: {type: string, contentMediaType: image/png}}, caption: {type: string}, place: {type: object}}}"""


@pytest.fixture
def uploads(tmp_path: Path) -> Any:
    body = f"requestBody: {{required: true, content: {{multipart/form-data: {{schema: {UPLOAD}}}}}}}"
    return client(tmp_path, one_operation(method="post", more=body), {"act": echo})


def test_multipart_files_are_bytes(uploads: Any) -> None:
    response = uploads.post(
        "/things",
        data={
            "file": (BytesIO(b"\x00\xff"), "a.bin"),
            "more": [(BytesIO(b"1"), "1"), (BytesIO(b"2"), "2")],
            "caption": "ü&=",
            "place": '{"x": 1}',
        },
    )

    assert response.json["body"] == {
        "file": "bytes:b'\\x00\\xff'",
        "more": ["bytes:b'1'", "bytes:b'2'"],
        "caption": "ü&=",
        "place": {"x": 1},
    }


def test_multipart_files_are_validated(uploads: Any) -> None:
    assert outcome(uploads.post("/things", data={"file": (BytesIO(b"x" * 11), "a")})) == (400, "validation_failed")
    assert outcome(uploads.post("/things", data={"caption": "a"}, content_type="multipart/form-data")) == (400, "validation_failed")


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"--x\r\n", "multipart/form-data"),
        (b"nothing", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na', "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n' * 1500 + b"--x--\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_malformed_multipart_is_400(uploads: Any, data: bytes, content_type: str) -> None:
    assert uploads.post("/things", data=data, content_type=content_type).status_code == 400
