"""`contract verify` reads exchanges as the runtime does: both views of a schema, every style, streams, ranges of media types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contract.traffic.exchange import Exchange, HttpMessage
from contract.traffic.verification import verify
from tests.support.small_documents import bundle

DOCUMENT = """
paths:
  /users/{id}:
    put:
      parameters:
        - {name: id, in: path, required: true, style: label, schema: {type: array, items: {type: integer}}}
        - {name: page, in: query, schema: {$ref: "#/components/schemas/Page"}}
        - {name: filter, in: query, style: deepObject, schema: {type: object, properties: {name: {type: string}}}}
        - {name: either, in: query, schema: {type: [integer, boolean]}}
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
      responses:
        "200": {description: It., content: {"*/*": {schema: {$ref: "#/components/schemas/User"}}}}
  /events:
    get:
      responses:
        "200":
          description: Them.
          content:
            text/event-stream: {schema: {$ref: "#/components/schemas/Tick"}}
            application/x-ndjson: {schema: {type: array, items: {$ref: "#/components/schemas/Tick"}}}
components:
  schemas:
    Page: {type: object, additionalProperties: false, properties: {number: {type: integer}, size: {type: integer}}}
    Tick: {type: object, required: [n], properties: {n: {type: integer}}}
    User:
      type: object
      required: [id, name, password]
      properties: {id: {type: integer, readOnly: true}, name: {type: string}, password: {type: string, writeOnly: true}}
"""


def message(body: bytes, media_type: str = "application/json") -> HttpMessage:
    return HttpMessage((("Content-Type", media_type),) if body else (), body)


def findings(folder: Path, exchange: Exchange) -> list[str]:
    """The violations, and the kinds and names of what is undocumented."""
    report = verify(bundle(folder, DOCUMENT), [(exchange.path, exchange)])
    return [*(f"{each.side}: {each.sentence}" for each in report.violations), *(f"{each.kind} {each.name}" for each in report.unknown)]


def put(url: str, sent: Any, answered: Any) -> Exchange:
    return Exchange("PUT", url, 200, message(json.dumps(sent).encode()), message(json.dumps(answered).encode()))


VALID = ({"name": "Ada", "password": "secret"}, {"id": 1, "name": "Ada"})


@pytest.mark.parametrize("query", ["", "?number=2&size=10", "?filter[name]=a%20b", "?either=5", "?either=true"])
def test_valid_exchanges_have_no_findings(tmp_path: Path, query: str) -> None:
    assert findings(tmp_path, put(f"/users/.1,2{query}", *VALID)) == []


@pytest.mark.parametrize(
    ("url", "sent", "answered", "expected"),
    [
        ("/users/.1", {"name": "Ada", "password": "x", "id": 1}, VALID[1], ["request: id: Is set by the server"]),
        ("/users/.1", VALID[0], {"id": 1, "name": "Ada", "password": "x"}, ["response: password: Must not be in a response"]),
        ("/users/1", *VALID, ["request: id: Must begin with a dot"]),
        ("/users/.1?number=x", *VALID, ["request: page/number: Must be a whole number"]),
        ("/users/.1?sort=x", *VALID, ["parameter sort"]),
    ],
)
def test_violations_name_their_place(tmp_path: Path, url: str, sent: Any, answered: Any, expected: list[str]) -> None:
    assert findings(tmp_path, put(url, sent, answered)) == expected


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        ("text/event-stream", b'data: {"n": 1}\n\n: comment\n\ndata: {"n":\ndata: 2}\n\ndata: [DONE]\n\n', []),
        ("text/event-stream", b'data: {"n": 1}\n\ndata: {"n": "2"}\n\n', ["response: item 1: n: Must be a whole number"]),
        ("application/x-ndjson", b'{"n": 1}\n\n{"n": 2}', []),
        ("application/x-ndjson", b'{"n": 1}\n{"m": 2}\n', ["response: item 1: n: Is required"]),
    ],
)
def test_each_item_of_a_stream_is_judged(tmp_path: Path, media_type: str, body: bytes, expected: list[str]) -> None:
    assert findings(tmp_path, Exchange("GET", "/events", 200, message(b""), message(body, media_type))) == expected
