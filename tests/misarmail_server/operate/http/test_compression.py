from __future__ import annotations

import gzip
from typing import Any

import pytest

from misarmail_server import document
from misarmail_server.operate.http.compression import compressed
from misarmail_server.settings import Settings
from tests.conftest import Api
from tests.support.servers.http_front import fronting

LONG = b'{"a":"' + b"x" * 2_000 + b'"}'
JSON = [(b"content-type", b"application/json; charset=utf-8"), (b"etag", b'"1"'), (b"content-length", b"2008")]
ASKED = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/templates", "HTTP_ACCEPT_ENCODING": "br, gzip;q=0.8, *;q=0.1"}


def test_long_texts_are_compressed() -> None:
    fields, body = compressed(ASKED, 200, JSON, LONG)

    assert gzip.decompress(body) == LONG
    assert dict(fields) == {
        b"content-type": JSON[0][1],
        b"etag": b'W/"1"',
        b"vary": b"Accept-Encoding",
        b"content-encoding": b"gzip",
        b"content-length": str(len(body)).encode(),
    }


@pytest.mark.parametrize("field", ["", "br", "identity", "gzip;q=0", "gzip; q=0.0", "*;q=0", "gzip;q=x", "gzip;q=2"])
def test_clients_that_do_not_accept_it_get_the_text(field: str) -> None:
    assert compressed({**ASKED, "HTTP_ACCEPT_ENCODING": field}, 200, JSON, LONG) == ([*JSON, (b"vary", b"Accept-Encoding")], LONG)


@pytest.mark.parametrize("field", ["gzip", "GZIP", "x-gzip", "*", "deflate, gzip;q=1.0"])
def test_every_form_of_acceptance_is_understood(field: str) -> None:
    assert (b"content-encoding", b"gzip") in compressed({**ASKED, "HTTP_ACCEPT_ENCODING": field}, 200, JSON, LONG)[0]


@pytest.mark.parametrize(
    ("environ", "fields", "body"),
    [
        ({}, JSON, b"x" * 1_000),
        ({"REQUEST_METHOD": "POST"}, JSON, LONG),
        ({"HTTP_COOKIE": "misarmail_session=x"}, JSON, LONG),
        ({"PATH_INFO": "/reset-password"}, JSON, LONG),
        ({"PATH_INFO": "/u/token"}, JSON, LONG),
        ({}, [(b"content-type", b"image/gif")], LONG),
        ({}, [(b"content-type", b"text/event-stream")], LONG),
        ({}, [(b"content-type", b"application/gzip")], LONG),
        ({}, [*JSON, (b"content-encoding", b"br")], LONG),
        ({}, [*JSON, (b"set-cookie", b"a=b")], LONG),
        ({}, [], LONG),
    ],
)
def test_other_responses_stay_as_they_are(environ: dict[str, Any], fields: Any, body: bytes) -> None:
    assert compressed({**ASKED, **environ}, 200, fields, body) == (fields, body)


def test_the_server_compresses_and_knows_its_tags_again(chosen: Settings, api: Api) -> None:
    made = api.post("/api/v1/templates", json={"name": "A", "subject": "B", "body_html": "<p>x</p>" * 1_000})
    path = f"/api/v1/templates/{made.json['template']['id']}"
    key = {"Authorization": api.headers["Authorization"], "Accept-Encoding": "gzip"}
    with fronting(chosen) as front:
        status, headers, body = front.ask("GET", "/openapi.json", headers={"Accept-Encoding": "gzip"})
        assert (status, headers["content-encoding"], gzip.decompress(body).decode()) == (200, "gzip", document.text())
        status, headers, body = front.ask("GET", path, headers=key)
        assert (status, headers["content-encoding"], len(body) < 1_000) == (200, "gzip", True)
        assert front.ask("GET", path, headers=key | {"If-None-Match": headers["etag"]})[0] == 304
        assert "content-encoding" not in front.ask("HEAD", "/openapi.json", headers={"Accept-Encoding": "gzip"})[1]
