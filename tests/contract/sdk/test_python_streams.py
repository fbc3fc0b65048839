"""Streams, pages, forms and webhooks of generated Python clients."""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import time
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from contract.sdk.python_layer.operation import Items
from contract.sdk.python_layer.pages import next_query
from contract.sdk.python_layer.signatures import sign
from contract.sdk.python_layer.streams import Splitter
from tests.support.python_clients import async_client, client, generated

FEEDS = """
paths:
  /events:
    get:
      operationId: watch_events
      tags: [feed]
      responses: {"200": {description: Events., content: {text/event-stream: {schema: {$ref: "#/components/schemas/Event"}}}}}
  /chat:
    post:
      operationId: create_chat
      tags: [feed]
      responses:
        "200":
          description: One or many.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Event"}}
            text/event-stream: {schema: {$ref: "#/components/schemas/Event"}}
  /lines:
    get:
      operationId: list_lines
      tags: [feed]
      responses: {"200": {description: Lines., content: {application/x-ndjson: {schema: {$ref: "#/components/schemas/Event"}}}}}
  /records:
    get:
      operationId: list_records
      tags: [feed]
      responses: {"200": {description: Records., content: {application/json-seq: {schema: {$ref: "#/components/schemas/Event"}}}}}
  /numbers:
    get:
      operationId: list_numbers
      tags: [pages]
      parameters: [{name: page, in: query, schema: {type: integer, default: 1}}, {name: q, in: query, schema: {type: string}}]
      responses: {"200": {description: A page., content: {application/json: {schema: {$ref: "#/components/schemas/Page"}}}}}
  /offsets:
    get:
      operationId: list_offsets
      tags: [pages]
      parameters: [{name: offset, in: query, schema: {type: integer}}]
      responses: {"200": {description: A page., content: {application/json: {schema: {type: array, items: {type: string}}}}}}
  /cursors:
    get:
      operationId: list_cursors
      tags: [pages]
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses: {"200": {description: A page., content: {application/json: {schema: {$ref: "#/components/schemas/Page"}}}}}
  /links/{name}:
    get:
      operationId: list_links
      tags: [pages]
      parameters: [{name: name, in: path, required: true, schema: {type: string}}, {name: size, in: query, schema: {type: integer}}]
      responses:
        "200":
          description: A page.
          headers: {Link: {schema: {type: string}}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Event"}}}}
  /uploads:
    post:
      operationId: upload
      tags: [forms]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [title, file]
              properties:
                title: {type: string}
                file: {type: string, format: binary}
                more: {type: array, items: {type: string, format: binary}}
                meta: {$ref: "#/components/schemas/Event"}
            encoding: {file: {contentType: image/png}}
      responses: {"204": {description: Done.}}
  /search:
    post:
      operationId: search
      tags: [forms]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {q: {type: string}, tags: {type: array, items: {type: string}}}}
            encoding: {tags: {style: pipeDelimited, explode: false}}
      responses: {"204": {description: Done.}}
webhooks:
  event.made:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Made"}}}}
      responses: {"200": {description: Ok.}}
  event.gone:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Gone"}}}}
      responses: {"200": {description: Ok.}}
components:
  schemas:
    Event: {type: object, required: [n], properties: {n: {type: integer}}}
    Page:
      type: object
      required: [data]
      properties:
        data: {type: array, items: {$ref: "#/components/schemas/Event"}}
        meta: {type: object, properties: {total: {type: integer}, next_cursor: {type: [string, "null"]}}}
    Made: {type: object, required: [type, n], properties: {type: {const: event.made}, n: {type: integer}}}
    Gone: {type: object, required: [type], properties: {type: {const: event.gone}}}
"""
SSE = ': hello\r\n\r\ndata: {"n": 1}\n\nevent: x\ndata: {\ndata: "n": 2}\n\ndata: [DONE]\n\ndata: {"n": 3}'


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    with generated(tmp_path_factory.mktemp("feeds"), FEEDS) as package:
        yield package


def streamed(text: str | bytes, media_type: str) -> httpx.Response:
    return httpx.Response(200, content=text.encode() if isinstance(text, str) else text, headers={"content-type": media_type})


async def collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("watch_events", streamed(SSE, "text/event-stream; charset=utf-8")),
        ("stream_create_chat", streamed(SSE, "text/event-stream")),
        ("list_lines", streamed('{"n": 1}\n\n{"n": 2}', "application/x-ndjson")),
        ("list_records", streamed('\x1e{"n": 1}\n\x1e{"n": 2}\n', "application/json-seq")),
    ],
)
def test_streams_are_iterators_of_typed_items(feeds: Any, method: str, answer: Any) -> None:
    models = importlib.import_module(f"{feeds.__name__}.models")
    items = [models.Event(n=1), models.Event(n=2)]
    api, recorder = client(feeds, lambda _: streamed(answer.content, answer.headers["content-type"]))
    async_api, _ = async_client(feeds, lambda _: streamed(answer.content, answer.headers["content-type"]))

    async def run() -> list[Any]:
        async with await getattr(async_api.feed, method)() as stream:
            return await collected(stream)

    with getattr(api.feed, method)() as stream:
        assert list(stream) == items
    assert asyncio.run(run()) == items
    assert recorder.requests[0].headers["accept"].startswith(answer.headers["content-type"].partition(";")[0])


def test_an_operation_that_may_stream_has_a_method_for_each_kind(feeds: Any) -> None:
    api, recorder = client(feeds, httpx.Response(200, json={"n": 5}))

    assert api.feed.create_chat().n == 5
    with pytest.raises(feeds.UnexpectedResponseError, match="the media type is not documented: application/json"):
        api.feed.stream_create_chat()
    assert [request.headers["accept"] for request in recorder.requests] == [
        "application/json, */*;q=0.1",
        "text/event-stream, */*;q=0.1",
    ]


def test_items_that_do_not_fit_are_typed_errors(feeds: Any) -> None:
    api, _ = client(feeds, streamed("data: {}\n\n", "text/event-stream"))

    with pytest.raises(feeds.UnexpectedResponseError, match="required field `n`"):
        list(api.feed.watch_events())


def test_events_are_cut_wherever_the_chunks_end() -> None:
    text = "\ufeffdata: é\r\rid: 1\r\nevent: tick\r\ndata: a\r\ndata\r\n\r\nretry: 5\n\ndata:  b\n\n".encode()

    for size in range(1, len(text)):
        splitter = Splitter(Items("events", str), 1000)
        chunks = [text[start : start + size] for start in range(0, len(text), size)]
        assert [item for chunk in chunks for item in splitter.add(chunk)] == ["é", "a\n", " b"], size


@pytest.mark.parametrize("framing", ["events", "lines", "records"])
def test_a_line_that_is_too_long_is_refused(framing: str) -> None:
    splitter = Splitter(Items(framing, str), 1000)

    for _ in range(10):
        assert list(splitter.add(b"x" * 100)) == []
    with pytest.raises(ValueError, match="a line is too long"):
        list(splitter.add(b"x"))


def test_a_line_that_is_too_long_is_an_error_of_the_client(feeds: Any) -> None:
    answer = httpx.Response(200, content=b'{"n": 1}\n' + b" " * 11, headers={"content-type": "application/x-ndjson"})
    api, _ = client(feeds, answer, max_line_bytes=10)

    with pytest.raises(feeds.UnexpectedResponseError, match="a line is too long"):
        list(api.feed.list_lines())


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(
    ("method", "arguments", "answers", "paths"),
    [
        (
            "iter_numbers",
            {"q": "a"},
            [{"data": [{"n": 1}, {"n": 2}], "meta": {"total": 3}}, {"data": [{"n": 3}], "meta": {"total": 3}}],
            ["/v1/numbers?page=1&q=a", "/v1/numbers?page=2&q=a"],
        ),
        ("iter_numbers", {}, [{"data": [{"n": 1}]}, {"data": []}], ["/v1/numbers?page=1", "/v1/numbers?page=2"]),
        ("iter_numbers", {}, [{"data": [{"n": 1}]}, {"data": [{"n": 1}]}], ["/v1/numbers?page=1", "/v1/numbers?page=2"]),
        ("iter_offsets", {}, [["a", "b"], ["c"], []], ["/v1/offsets?offset=0", "/v1/offsets?offset=2", "/v1/offsets?offset=3"]),
        (
            "iter_cursors",
            {},
            [{"data": [{"n": 1}], "meta": {"next_cursor": "x y"}}, {"data": [{"n": 2}], "meta": {"next_cursor": None}}],
            ["/v1/cursors", "/v1/cursors?cursor=x%20y"],
        ),
    ],
)
def test_iterators_read_all_pages(feeds: Any, method: str, arguments: Any, answers: Any, paths: Any, is_async: Any) -> None:
    api, recorder = (async_client if is_async else client)(feeds, *[httpx.Response(200, json=answer) for answer in answers])
    items = [item for answer in answers for item in (answer if isinstance(answer, list) else answer["data"])]

    read = getattr(api.pages, method)(**arguments)
    result = asyncio.run(collected(read)) if is_async else list(read)

    distinct = items if answers[0] != answers[-1] else items[:1]
    assert [item if isinstance(item, str) else {"n": item.n} for item in result] == distinct
    assert recorder.paths == paths


@pytest.mark.parametrize("is_async", [False, True])
def test_links_to_next_pages_never_lead_to_another_host(feeds: Any, is_async: Any) -> None:
    link = '<https://evil.example.net/other?page=2&size=1>; rel="next", <https://x.example.com/?page=9>; rel="last"'
    first = httpx.Response(200, json=[{"n": 1}], headers={"link": link})
    api, recorder = (async_client if is_async else client)(feeds, first, httpx.Response(200, json=[{"n": 2}]))

    read = api.pages.iter_links("a b", size=1)
    result = asyncio.run(collected(read)) if is_async else list(read)

    assert [item.n for item in result] == [1, 2]
    assert [str(request.url) for request in recorder.requests] == [
        "https://api.example.com/v1/links/a%20b?size=1",
        "https://api.example.com/v1/links/a%20b?page=2&size=1",
    ]


@pytest.mark.parametrize(
    ("header", "query"),
    [
        ("", None),
        ('<?a=1>; rel="prev"', None),
        ("</x?a=1,2;3>; rel=next", "a=1,2;3"),
        ('<a>; rel="prev", <?b>; title="x, y; rel=next"; rel="next last"', "b"),
        ('<?a>; rel="nextish"', None),
    ],
)
def test_next_query_reads_link_headers(header: str, query: str | None) -> None:
    assert next_query(header) == query


@pytest.mark.parametrize("is_async", [False, True])
def test_forms_are_sent_as_their_encoding_says(feeds: Any, is_async: Any) -> None:
    api, recorder = (async_client if is_async else client)(feeds, httpx.Response(204))
    bodies: list[Any] = [
        {
            "title": "a",
            "file": feeds.File(io.BytesIO(b"png"), name="a.png"),
            "more": [("1.txt", b"1", "text/plain"), iter([b"2"])],
            "meta": {"n": 1},
        }
    ]

    for send, body in ((api.forms.upload, bodies[0]), (api.forms.search, {"q": "a b", "tags": ["x", "y"]})):
        asyncio.run(send(body)) if is_async else send(body)

    upload, search = recorder.bodies
    assert b'name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\npng\r\n' in upload
    assert b'name="meta"\r\nContent-Type: application/json\r\n\r\n{"n":1}\r\n' in upload
    assert b'name="more"; filename="1.txt"\r\nContent-Type: text/plain\r\n\r\n1\r\n' in upload
    assert upload.count(b'name="more"') == 2
    assert search == b"q=a%20b&tags=x%7Cy"
    assert recorder.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")


def test_webhooks_are_verified_and_read_as_their_event(feeds: Any) -> None:
    models = importlib.import_module(f"{feeds.__name__}.models")
    webhooks = importlib.import_module(f"{feeds.__name__}.webhooks")

    def received(event: Any) -> Any:
        body, stamp = json.dumps(event).encode(), str(int(time.time()))
        signature = sign("whsec_c2VjcmV0", f"evt_1.{stamp}.".encode() + body)
        headers = {"Webhook-Id": "evt_1", "Webhook-Timestamp": stamp, "Webhook-Signature": signature}
        return feeds.verify(body, headers, "whsec_c2VjcmV0")

    assert received({"type": "event.made", "n": 5}) == models.Made(type="event.made", n=5)
    assert received({"type": "event.gone", "later": 1}) == models.Gone(type="event.gone")
    with pytest.raises(webhooks.UnknownEventError) as unknown:
        received({"type": "event.moved"})
    assert unknown.value.event == {"type": "event.moved"}
    with pytest.raises(feeds.WebhookVerificationError):
        feeds.verify(b"{}", {}, "whsec_c2VjcmV0")
