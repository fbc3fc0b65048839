"""From the result of a handler to the response, and the validation of responses."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typing_extensions import override

from contract.errors import ContractError
from contract.runtime.binding import HandlerResponse, Signature
from contract.runtime.platform import OpenPlatform
from contract.runtime.problems import Problem
from tests.support.matching import logged_type
from tests.support.small_documents import HEAD, call, client, contract, one_operation


class Done(msgspec.Struct):
    """A response."""

    done: bool = True


class Later(msgspec.Struct):
    """Another response."""

    later: int = 1


def with_responses(responses: str, more: str = "") -> str:
    return f"paths: {{/things: {{get: {{operationId: act, {more} responses: {{{responses}}}}}}}}}\n"


SEVERAL = with_responses("""
  "200": {description: Done., content: {application/json: {}}},
  "202": {description: Later., content: {application/vnd.later+json: {}}},
  "204": {description: Nothing.},
  "206": {description: Some., content: {application/octet-stream: {}}}""")
SIGNATURE = Signature("x", responses={Done: 200, Later: 202, type(None): 204, bytes: 206})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Done(), (200, "application/json", b'{"done":true}')),
        (Later(), (202, "application/vnd.later+json", b'{"later":1}')),
        (None, (204, None, b"")),
        (b"\x00\xff", (206, "application/octet-stream", b"\x00\xff")),
        (iter([b"a", b"b"]), (206, "application/octet-stream", b"ab")),
        (HandlerResponse(Done(), status=202), (202, "application/vnd.later+json", b'{"done":true}')),
        (HandlerResponse(b"x", headers={"content-type": "image/png"}), (206, "image/png", b"x")),
        (HandlerResponse(Later()), (202, "application/vnd.later+json", b'{"later":1}')),
    ],
)
def test_the_type_of_a_result_gives_its_status(tmp_path: Path, given: Any, expected: Any) -> None:
    response = client(tmp_path, SEVERAL, {"act": (SIGNATURE, lambda _: given)}).get("/things")

    assert (response.status_code, response.headers.get("Content-Type"), response.data) == expected


@pytest.mark.parametrize(
    ("media", "given", "content_type"),
    [
        ("text/csv: {}, application/json: {}", b"a,b", "text/csv"),
        ("text/csv: {}, application/json: {}", {"a": 1}, "application/json"),
        ("application/json: {}", b"{}", "application/json"),
        ("application/json; charset=utf-8: {}", {}, "application/json; charset=utf-8"),
        ("application/json: {}", None, "application/json"),
        ("application/json: {}", "text", "application/json"),
        ("text/plain: {}", b"text", "text/plain"),
        ("text/event-stream: {}", iter([b"data: 1\n\n"]), "text/event-stream"),
    ],
)
def test_the_media_type_comes_from_the_document(tmp_path: Path, media: str, given: Any, content_type: str) -> None:
    text = with_responses(f'"200": {{description: Fine., content: {{{media}}}}}')

    assert client(tmp_path, text, {"act": lambda _: given}).get("/things").headers["Content-Type"] == content_type


def test_a_handler_response_sets_header_fields(tmp_path: Path) -> None:
    api = client(tmp_path, SEVERAL, {"act": (SIGNATURE, lambda _: HandlerResponse(Done(), headers={"Location": "/x", "X-A": "1"}))})

    assert {"Location": "/x", "X-A": "1"}.items() <= dict(api.get("/things").headers).items()


def test_204_has_no_content_length(tmp_path: Path) -> None:
    app = contract(tmp_path, SEVERAL, {"act": (SIGNATURE, lambda _: None)})

    status, headers, body = call(app, {"PATH_INFO": "/things", "REQUEST_METHOD": "GET"})

    assert (status, body) == ("204 No Content", b"")
    assert not {"Content-Length", "Content-Type"} & headers.keys()


class Stream:
    """An iterator that knows whether it was closed."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.parts = list(parts)
        self.is_closed = False

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        if not self.parts:
            raise StopIteration
        part = self.parts.pop(0)
        if isinstance(part, Exception):
            raise part
        return part

    def close(self) -> None:
        self.is_closed = True


STREAM = with_responses('"200": {description: Fine., content: {text/event-stream: {}}}')


def test_a_stream_is_sent_in_chunks(tmp_path: Path) -> None:
    stream = Stream(b"a", b"b")
    app = contract(tmp_path, STREAM, {"act": lambda _: stream})
    started = []

    parts: Any = app({"PATH_INFO": "/things", "REQUEST_METHOD": "GET"}, lambda status, headers: started.append((status, dict(headers))))

    assert next(iter(parts)) == b"a"
    assert stream.parts == [b"b"]
    assert started[0][0] == "200 OK"
    assert "Content-Length" not in started[0][1]
    parts.close()
    assert stream.is_closed


def test_head_does_not_read_a_stream(tmp_path: Path) -> None:
    stream = Stream(b"a")
    app = contract(tmp_path, STREAM, {"act": lambda _: stream})

    assert call(app, {"PATH_INFO": "/things", "REQUEST_METHOD": "HEAD"})[2] == b""
    assert stream.parts == [b"a"]


def test_an_error_in_a_stream_is_reported_and_ends_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = contract(tmp_path, STREAM, {"act": lambda _: Stream(b"a", ValueError("broken"))})

    with caplog.at_level(logging.ERROR, "contract"), pytest.raises(ValueError, match="broken"):
        call(app, {"PATH_INFO": "/things", "REQUEST_METHOD": "GET"})

    assert logged_type(caplog) is ValueError


TAGGED = with_responses("""
  "200": {description: Fine., headers: {ETag: {schema: {type: string}}}, content: {application/json: {}}},
  "304": {description: Known.}""")


@pytest.mark.parametrize(
    ("tag", "known", "status"),
    [
        ('"a"', '"a"', 304),
        ('"a"', 'W/"a"', 304),
        ('W/"a"', '"a"', 304),
        ('"a"', '"x", "a"', 304),
        ('"a"', "*", 304),
        ('"a, b"', '"a, b"', 304),
        ('"a"', '"b"', 200),
        ('"a"', "a", 200),
        ('"a"', "", 200),
    ],
)
def test_a_matching_entity_tag_is_304(tmp_path: Path, tag: str, known: str, status: int) -> None:
    given = HandlerResponse({"a": 1}, headers={"ETag": tag, "Cache-Control": "private", "X-Other": "1"})
    api = client(tmp_path, TAGGED, {"act": lambda _: given}, checks_responses=True)

    response = api.get("/things", headers={"If-None-Match": known})

    assert (response.status_code, response.headers["ETag"], response.headers["Cache-Control"]) == (status, tag, "private")
    assert (response.data, "Content-Length" in response.headers, "X-Other" in response.headers) == (
        (b"", False, False) if status == 304 else (b'{"a":1}', True, True)
    )


def test_304_requires_a_documented_304(tmp_path: Path) -> None:
    api = client(tmp_path, one_operation(), {"act": lambda _: HandlerResponse({}, headers={"ETag": '"a"'})})

    assert api.get("/things", headers={"If-None-Match": '"a"'}).status_code == 200


def test_a_deprecated_operation_has_deprecation_headers(tmp_path: Path) -> None:
    more = 'deprecated: true, x-deprecated-since: "2026-01-01", x-sunset: "2027-06-30",'
    api = client(tmp_path, with_responses('"200": {description: Fine., content: {application/json: {}}}', more), {"act": lambda _: {}})

    headers = api.get("/things").headers

    assert (headers["Deprecation"], headers["Sunset"]) == ("@1767225600", "Wed, 30 Jun 2027 00:00:00 GMT")


def test_an_invalid_sunset_is_refused(tmp_path: Path) -> None:
    text = with_responses('"200": {description: Fine.}', "x-sunset: soon,")

    with pytest.raises(ContractError, match="#/paths/~1things/get: x-sunset must be a date such as 2027-01-31"):
        contract(tmp_path, text, {"act": lambda _: None})


def test_an_invalid_schema_is_refused(tmp_path: Path) -> None:
    text = one_operation("[{name: a, in: query, schema: {$ref: '#/x-schemas/A'}}]") + 'x-schemas: {A: {pattern: "(?<=a+)b("}}\n'

    with pytest.raises(ContractError, match="cannot be compiled"):
        contract(tmp_path, text, {"act": lambda _: None})


CHECKED = f"""{HEAD}
x-unmatched: {{"404": {{description: None., content: {{application/problem+json: {{schema: {{required: [title]}}}}}}}}}}
paths:
  /things:
    post:
      operationId: act
      requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{a: {{type: integer}}}}}}}}}}}}
      responses:
        "200":
          description: Fine.
          headers: {{X-Count: {{required: true, schema: {{type: integer}}}}, X-More: {{schema: {{type: array, items: {{type: integer}}}}}}}}
          content: {{application/json: {{schema: {{$ref: "#/components/schemas/Answer"}}}}, text/*: {{}}}}
        "204": {{description: Nothing.}}
        4XX: {{description: No., content: {{application/problem+json: {{schema: {{type: object}}}}}}}}
components:
  schemas:
    Answer:
      type: object
      required: [id, secret]
      properties: {{id: {{type: string, readOnly: true}}, secret: {{type: string, writeOnly: true}}}}
"""
COUNT = {"X-Count": "3"}


def checked(tmp_path: Path, given: Any) -> Any:
    return client(tmp_path, CHECKED, {"act": lambda *_: given}, checks_responses=True)


@pytest.mark.parametrize(
    "given",
    [
        HandlerResponse({"id": "a"}, headers=COUNT),
        HandlerResponse({"id": "a"}, headers={**COUNT, "X-More": "1,2"}),
        HandlerResponse(b"a", headers={**COUNT, "Content-Type": "text/csv; charset=utf-8"}),
        HandlerResponse(None, status=204),
    ],
)
def test_a_documented_response_passes(tmp_path: Path, given: Any) -> None:
    assert checked(tmp_path, given).post("/things").status_code in {200, 204}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (HandlerResponse({}, status=201), "status 201 is not documented"),
        (HandlerResponse({"id": "a"}), "header X-Count is required on 200"),
        (HandlerResponse({"id": "a"}, headers={"X-Count": "three"}), "header X-Count of 200 is not what is documented: three"),
        (HandlerResponse({"id": "a"}, headers={**COUNT, "X-More": "1,x"}), "header X-More of 200 is not what is documented: 1,x"),
        (HandlerResponse({"id": 1}, headers=COUNT), '200: at id: 1 is not of type "string"'),
        (HandlerResponse({}, headers=COUNT), '200: at the root: "id" is a required property'),
        (HandlerResponse({"id": "a", "secret": "s"}, headers=COUNT), "200: at secret: "),
        (
            HandlerResponse(b"{", headers={**COUNT, "Content-Type": "application/json"}),
            "200: the body is not JSON: Input data was truncated",
        ),
        (HandlerResponse(b"x", headers={**COUNT, "Content-Type": "image/png"}), "media type image/png is not documented for 200"),
        (HandlerResponse({"id": "a"}, status=204), "media type application/json is not documented for 204"),
    ],
)
def test_an_undocumented_response_is_500_with_the_reason(
    tmp_path: Path, given: Any, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = checked(tmp_path, given).post("/things")

    assert response.status_code == 500
    assert response.json["detail"].startswith(f"The response violates the contract: {sentence}")
    assert caplog.records


def test_error_responses_are_checked(tmp_path: Path) -> None:
    class Plain(OpenPlatform):
        @override
        def render(self, problem: Any, request_id: Any) -> Any:
            return super().render(problem, request_id)._replace(media_type="text/html")

    api = client(tmp_path, CHECKED, {"act": lambda *_: None}, Plain(), checks_responses=True)

    assert checked(tmp_path, None).post("/things", json={"a": "x"}).status_code == 400
    assert checked(tmp_path, None).get("/nothing").status_code == 404
    assert checked(tmp_path, None).get("/things").status_code == 500  # 405 is not among `x-unmatched`
    assert api.get("/nothing").status_code == 500


def test_a_problem_of_a_handler_is_rendered(tmp_path: Path) -> None:
    def refuse(_: Any) -> None:
        raise Problem(409, "taken", "It is taken", extra={"more": 1}, headers={"Retry-After": "5"})

    response = client(tmp_path, one_operation(), {"act": refuse}).get("/things")

    assert (response.status_code, response.headers["Content-Type"], response.headers["Retry-After"]) == (
        409,
        "application/problem+json",
        "5",
    )
    assert response.json == {
        "title": "Conflict",
        "status": 409,
        "detail": "It is taken",
        "code": "taken",
        "more": 1,
        "request_id": response.headers["X-Request-Id"],
    }
