"""Calls with generated Python clients: credentials, retries, errors, bodies, hooks and servers."""

from __future__ import annotations

import asyncio
import base64
import importlib
import io
import json
import subprocess
import sys
import typing
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.support.python_clients import Recorder, async_client, client, generated

PETS = """
servers:
  - url: https://{region}.example.com/{version}/
    variables: {region: {default: eu, enum: [eu, us]}, version: {default: v1, description: The version.}}
security: [{token: []}]
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    basic: {type: http, scheme: basic}
    key: {type: apiKey, in: query, name: api key}
    cookie: {type: apiKey, in: cookie, name: sid}
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://auth.example.com/token", scopes: {}}}}
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string}}}
    Problem:
      type: object
      properties:
        error: {type: object, properties: {code: {enum: [not_found, too_wild]}, message: {type: string}}}
        errors: {type: object}
  responses:
    No: {description: No., content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}}
    Pet: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
paths:
  /pets/{pet_id}:
    parameters: [{name: pet_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: get_pet
      tags: [pets]
      responses: {"200": {$ref: "#/components/responses/Pet"}, "404": {$ref: "#/components/responses/No"}}
    patch:
      operationId: rename_pet
      tags: [pets]
      security: [{basic: []}, {key: [], cookie: []}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"200": {$ref: "#/components/responses/Pet"}, 4XX: {$ref: "#/components/responses/No"}}
    delete:
      operationId: delete_pet
      tags: [pets]
      security: [{oauth: []}]
      responses: {"204": {description: Gone.}}
  /pets:
    post:
      operationId: add_pet
      summary: Add a pet
      tags: [pets]
      deprecated: true
      x-sunset: 2027-01-01
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {content: {text/csv: {schema: {type: string}}, application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"204": {description: Added.}}
  /photos:
    post:
      operationId: add_photo
      tags: [pets]
      security: []
      requestBody: {content: {image/png: {}, "application/*": {}}}
      responses: {"200": {description: It., content: {image/png: {}}}}
  /ping:
    servers: [{url: "https://{host}/status", variables: {host: {default: status.example.com}}}]
    get:
      operationId: ping
      tags: [pets]
      responses: {"200": {description: Pong., content: {text/plain: {schema: {type: string}}}}}
"""
REX = {"name": "Rex"}


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    with generated(tmp_path_factory.mktemp("pets"), PETS) as package:
        yield package


def rex() -> httpx.Response:
    return httpx.Response(200, json=REX)


def busy(**headers: str) -> httpx.Response:
    return httpx.Response(503, headers={name.replace("_", "-"): value for name, value in headers.items()})


def errors_of(package: ModuleType) -> Any:
    return importlib.import_module(f"{package.__name__}.errors")


def test_server_variables_are_arguments(pets: Any) -> None:
    recorder = Recorder([rex()])
    transport = httpx.MockTransport(recorder)

    pets.Client(region="us", transport=transport).pets.get_pet("1")
    pets.Client(transport=transport).pets.get_pet("1")
    pets.Client("http://localhost/api/", transport=transport).pets.get_pet("1")

    assert [str(request.url) for request in recorder.requests] == [
        "https://us.example.com/v1/pets/1",
        "https://eu.example.com/v1/pets/1",
        "http://localhost/api/pets/1",
    ]


def test_servers_of_a_path_replace_the_server_of_the_document_but_not_that_of_the_caller(pets: Any) -> None:
    recorder = Recorder([httpx.Response(200, text="pong")])
    transport = httpx.MockTransport(recorder)

    pets.Client(transport=transport, token="secret").pets.ping()
    pets.Client("http://localhost:8000/v1", transport=transport, token="secret").pets.ping()

    assert [str(request.url) for request in recorder.requests] == [
        "https://status.example.com/status/ping",
        "http://localhost:8000/v1/ping",
    ]


def test_credentials_are_those_of_the_first_alternative_that_is_complete(pets: Any) -> None:
    api, recorder = client(pets, rex(), token="secret", basic=("ada", "pass"), key="k&y", cookie="c")
    half, half_recorder = client(pets, rex(), key="k", cookie="c")

    api.pets.get_pet("1")
    api.pets.rename_pet("1", REX)
    half.pets.rename_pet("1", REX)

    assert recorder.requests[0].headers["authorization"] == "Bearer secret"
    assert recorder.requests[1].headers["authorization"] == f"Basic {base64.b64encode(b'ada:pass').decode()}"
    assert (half_recorder.paths, half_recorder.requests[0].headers["cookie"]) == (["/v1/pets/1?api%20key=k"], "sid=c")


def test_a_credential_with_the_name_of_an_argument_is_sent_once(tmp_path: Path) -> None:
    document = (Path(__file__).parents[3] / "scripts" / "cross" / "documents" / "credential-names.yaml").read_text("utf-8")
    with generated(tmp_path, document[document.index("paths:") :]) as tracks:
        api, recorder = client(tracks, httpx.Response(200, json=[]), key="k", sid="secret")

        api.tracks.list_tracks(client_id="mine", q="a")
        api.tracks.list_tracks(q="a")

    assert recorder.paths == ["/v1/tracks?client_id=mine&q=a", "/v1/tracks?q=a&client_id=k"]


@pytest.mark.parametrize("is_async", [False, True])
def test_oauth_tokens_are_kept_and_renewed_once(pets: Any, is_async: Any) -> None:
    tokens = iter(["first", "second", "third"])

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.host == "auth.example.com":
            return httpx.Response(200, json={"access_token": next(tokens), "expires_in": 3600})
        return httpx.Response(401 if request.headers["authorization"] in refused else 204)

    refused: set[str] = set()
    credentials = pets.ClientCredentials("id", "s:crét ~*+", scopes=["pets"])
    make = async_client if is_async else client
    api, recorder = make(pets, respond, oauth=credentials)

    def delete() -> None:
        result = api.pets.delete_pet("1")
        if is_async:
            asyncio.run(result)

    delete()
    delete()
    refused.add("Bearer first")
    delete()
    refused.add("Bearer second")
    refused.add("Bearer third")
    with pytest.raises(pets.ApiError):
        delete()

    sent = [request.headers["authorization"] for request in recorder.requests if request.url.host != "auth.example.com"]
    assert sent == ["Bearer first", "Bearer first", "Bearer first", "Bearer second", "Bearer second", "Bearer third"]
    assert recorder.bodies[0] == b"grant_type=client_credentials&scope=pets"
    assert recorder.requests[0].headers["authorization"] == f"Basic {base64.b64encode(b'id:s%3Acr%C3%A9t+%7E*%2B').decode()}"
    assert "crét" not in repr(credentials)


@pytest.mark.parametrize("make", [client, async_client])
def test_the_headers_of_a_client_do_not_go_to_the_token_endpoint(pets: Any, make: Any) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        is_token = request.url.host == "auth.example.com"
        return httpx.Response(200, json={"access_token": "t"}, headers={"set-cookie": "a=b"}) if is_token else httpx.Response(204)

    api, recorder = make(pets, respond, oauth=pets.ClientCredentials("id", "s"), headers={"X-Key": "secret"}, timeout=7.0)

    result = api.pets.delete_pet("1")
    if make is async_client:
        asyncio.run(result)

    token, call = recorder.requests
    assert ("x-key" in token.headers, call.headers["x-key"]) == (False, "secret")
    assert (token.headers["content-type"], token.extensions["timeout"]["read"]) == ("application/x-www-form-urlencoded", 7.0)


def test_a_refused_token_request_is_an_error_with_its_response(pets: Any) -> None:
    api, _ = client(pets, httpx.Response(400, json={"error": "invalid_client"}), oauth=pets.ClientCredentials("id", "no"))

    with pytest.raises(pets.TokenRefusedError, match=r"The token endpoint answered 400: .*invalid_client"):
        api.pets.delete_pet("1")


@pytest.mark.parametrize("make", [client, async_client])
def test_safe_requests_are_retried_after_the_requested_wait(pets: Any, make: Any) -> None:
    waits: list[float] = []
    retries = pets.Retries(attempts=3, sleep=waits.append)
    api, recorder = make(pets, busy(Retry_After="7"), httpx.ConnectError("refused"), rex(), retries=retries)

    result = api.pets.get_pet("1")

    assert (asyncio.run(result) if make is async_client else result).name == "Rex"
    assert (len(recorder.requests), waits[0]) == (3, 7.0)
    assert 0.5 <= waits[1] <= 1.0


def test_retries_end_with_the_attempts_of_the_client_or_the_call(pets: Any) -> None:
    api, recorder = client(pets, busy())
    once, once_recorder = client(pets, busy(Retry_After="9999"))

    for options in (pets.Options(), pets.Options(attempts=1)):
        with pytest.raises(pets.ApiError):
            api.pets.get_pet("1", options=options)
    with pytest.raises(pets.ApiError) as refused:
        once.pets.get_pet("1")

    assert (len(recorder.requests), len(once_recorder.requests), refused.value.retry_after) == (4, 1, 9999.0)


def test_unsafe_requests_are_retried_only_with_an_idempotency_key(pets: Any) -> None:
    api, recorder = client(pets, busy(), httpx.ReadError("broken"), httpx.Response(204))
    plain, plain_recorder = client(pets, busy())

    with pytest.warns(DeprecationWarning, match="ends on 2027-01-01"):
        api.pets.add_pet("name\nRex\n")
    with pytest.raises(pets.ApiError):
        plain.pets.rename_pet("1", REX)

    keys = {request.headers["idempotency-key"] for request in recorder.requests}
    assert (len(keys), len(recorder.requests), len(plain_recorder.requests)) == (1, 3, 1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_media_type_follows_the_body_unless_it_is_given(pets: Any) -> None:
    photo = httpx.Response(200, content=b"", headers={"content-type": "image/png"})
    api, recorder = client(pets, *[httpx.Response(204)] * 3, photo)

    api.pets.add_pet("name\nRex\n")
    api.pets.add_pet(REX)
    api.pets.add_pet(io.BytesIO(b"name\n"), content_type="text/csv")
    api.pets.add_photo(b"png")
    api.pets.add_photo(iter([b"a", b"b"]), content_type="application/pdf")

    types = [request.headers["content-type"] for request in recorder.requests]
    assert types == ["text/csv; charset=utf-8", "application/json", "text/csv", "image/png", "application/pdf"]
    assert recorder.bodies == [b"name\nRex\n", b'{"name":"Rex"}', b"name\n", b"png", b"ab"]


def test_asynchronous_clients_stream_files_and_iterators(pets: Any) -> None:
    async def chunks() -> Any:
        yield b"a"
        yield b"b"

    api, recorder = async_client(pets, httpx.Response(200, content=b"\x89png", headers={"content-type": "image/png"}))

    async def run() -> list[bytes]:
        async with api:
            return [await api.pets.add_photo(body) for body in (chunks(), iter([b"c"]), io.BytesIO(b"d"))]

    assert asyncio.run(run()) == [b"\x89png"] * 3
    assert recorder.bodies == [b"ab", b"c", b"d"]


def test_iterators_are_not_sent_twice(pets: Any) -> None:
    api, recorder = client(pets, busy())

    with pytest.warns(DeprecationWarning, match="add_pet is deprecated"), pytest.raises(pets.ApiError):
        api.pets.add_pet(iter([b"x"]), content_type="text/csv")

    assert len(recorder.requests) == 1


@pytest.mark.parametrize("make", [client, async_client])
def test_downloads_are_read_in_chunks(pets: Any, make: Any) -> None:
    api, _ = make(pets, httpx.Response(200, content=b"\x89png", headers={"content-type": "image/png"}))

    async def run() -> bytes:
        async with await api.pets.download_add_photo(b"x") as download:
            return b"".join([chunk async for chunk in download])

    if make is async_client:
        assert asyncio.run(run()) == b"\x89png"
    else:
        with api.pets.download_add_photo(b"x") as download:
            assert b"".join(download) == b"\x89png"


def test_errors_have_the_class_of_their_code_and_show_their_fields(pets: Any) -> None:
    errors = errors_of(pets)
    wild = httpx.Response(400, json={"error": {"code": "too_wild", "message": "No"}, "errors": {"name": ["Is taken", "Is long"]}})
    api, _ = client(pets, httpx.Response(404, json={"error": {"code": "not_found", "message": "There is no pet"}}), wild)

    with pytest.raises(errors.NotFoundError) as missing:
        api.pets.get_pet("1")
    with pytest.raises(errors.TooWildError) as refused:
        api.pets.rename_pet("1", REX)

    assert str(missing.value) == "404 not_found: There is no pet"
    assert str(refused.value) == "400 too_wild: name: Is taken; name: Is long"
    assert isinstance(refused.value, errors.ClientError)
    assert json.loads(refused.value.response.content)["error"]["code"] == "too_wild"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"}), "200: the media type is not documented: text/html"),
        (httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), "200: the body cannot be decoded: "),
        (httpx.Response(200, content=b"\xff", headers={"content-type": "application/json"}), "200: the body cannot be decoded: "),
        (httpx.Response(200, content=b"", headers={"content-type": "application/json"}), "is empty"),
        (httpx.Response(200), "is empty"),
        (httpx.Response(200, json={}), "name"),
        (httpx.Response(200, content=b"[" * 100_000, headers={"content-type": "application/json"}), "200: the body cannot be decoded: "),
        (httpx.Response(201, json=REX), "201: the status is not documented"),
    ],
)
@pytest.mark.parametrize("make", [client, async_client])
def test_answers_that_differ_from_the_document_are_typed_errors(pets: Any, make: Any, answer: Any, reason: str) -> None:
    response = httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
    api, _ = make(pets, response)

    with pytest.raises(pets.UnexpectedResponseError, match=reason) as caught:
        asyncio.run(api.pets.get_pet("1")) if make is async_client else api.pets.get_pet("1")

    assert (caught.value.response.status, caught.value.response.content) == (answer.status_code, answer.content)


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(200, content=b'{"name": "Rex"}'), httpx.Response(200, content=b'\xef\xbb\xbf{"name": "Rex"}')],
)
def test_answers_without_a_media_type_or_with_a_mark_are_read(pets: Any, answer: httpx.Response) -> None:
    api, _ = client(pets, answer)

    assert api.pets.get_pet("1").name == "Rex"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no \x1b[31msuch\r\n\x00 pet \xe2\x80\xae", "404: no [31msuch pet"),
        (b"x" * 201, "404: " + "x" * 200),
        (b'"gone"', "404: gone"),
        (b" \n", "404: HTTP 404"),
    ],
)
def test_an_error_shows_the_start_of_a_text(pets: Any, content: bytes, sentence: str) -> None:
    api, _ = client(pets, httpx.Response(404, content=content))

    with pytest.raises(pets.ApiError) as caught:
        api.pets.get_pet("1")

    assert (str(caught.value), caught.value.response.content) == (sentence, content)


def test_error_statuses_without_a_description_have_a_class_of_their_own(pets: Any) -> None:
    api, _ = client(pets, httpx.Response(502, text="<html>Bad gateway</html>"), retries=pets.Retries(attempts=1))

    with pytest.raises(pets.UnexpectedStatusError) as caught:
        api.pets.get_pet("1")

    assert isinstance(caught.value, pets.ApiError)
    assert not isinstance(caught.value, pets.UnexpectedResponseError)
    assert (str(caught.value), caught.value.response.text) == ("502: <html>Bad gateway</html>", "<html>Bad gateway</html>")


def test_connections_that_fail_are_typed_errors(pets: Any) -> None:
    api, _ = client(pets, httpx.ConnectTimeout("too slow"))

    with pytest.raises(pets.TimedOutError, match="get_pet: no response in time"):
        api.pets.get_pet("1")


@pytest.mark.parametrize("pet_id", ["", ".", ".."])
def test_path_values_that_lead_elsewhere_are_refused(pets: Any, pet_id: str) -> None:
    api, recorder = client(pets, rex())

    with pytest.raises(pets.InvalidArgumentError, match=r"get_pet: .*pet_id"):
        api.pets.get_pet(pet_id)

    assert recorder.requests == []


def test_calls_may_have_their_own_headers_query_and_timeout(pets: Any) -> None:
    api, recorder = client(pets, rex(), headers={"X-Team": "a"}, timeout=10)

    api.pets.get_pet("1", options=pets.Options(headers={"x-team": "b"}, query={"debug": "a b"}, timeout=2.5))

    request = recorder.requests[0]
    assert (request.headers["x-team"], recorder.paths, request.extensions["timeout"]["read"]) == ("b", ["/v1/pets/1?debug=a%20b"], 2.5)


@pytest.mark.parametrize(
    ("credentials", "headers"),
    [
        ({"token": "secret\n"}, {}),
        ({"token": "secret\r\nX-Evil: 1"}, {}),
        ({"token": "s\u00e9cret"}, {}),
        ({"key": "k", "cookie": "secret; admin=1"}, {}),
        ({}, {"X-Team": "secret\r\nX-Evil: 1"}),
        ({}, {"X-Team: secret\r\nX-Evil": "1"}),
    ],
)
def test_values_that_would_break_a_request_are_refused_and_credentials_not_shown(pets: Any, credentials: Any, headers: Any) -> None:
    api, recorder = client(pets, rex(), **credentials)

    with pytest.raises(pets.InvalidArgumentError, match="cannot be sent") as caught:
        api.pets.get_pet("1", options=pets.Options(headers=headers)) if "key" not in credentials else api.pets.rename_pet("1", REX)

    assert recorder.requests == []
    assert headers or "secret" not in str(caught.value)


def test_cookies_are_sent_as_the_server_set_them(pets: Any) -> None:
    api, recorder = client(pets, rex(), key="k", cookie="eyJ+a/b==.c:d")

    api.pets.rename_pet("1", REX)

    assert recorder.requests[0].headers["cookie"] == "sid=eyJ+a/b==.c:d"


def test_secrets_are_not_in_representations(pets: Any) -> None:
    api, _ = client(pets, rex(), token="secret", headers={"X-Key": "secret"})

    texts = [repr(vars(value)) for value in (api, vars(api)["_caller"])] + [repr(pets.ClientCredentials("id", "secret"))]

    assert [text for text in texts if "secret" in text] == []


@pytest.mark.parametrize("is_async", [False, True])
def test_redirections_are_not_followed(pets: Any, is_async: Any) -> None:
    recorder = Recorder([httpx.Response(307, headers={"location": "https://evil.example.net"}), rex()])
    transport = httpx.MockTransport(recorder.asynchronous if is_async else recorder)
    make, http = (pets.AsyncClient, httpx.AsyncClient) if is_async else (pets.Client, httpx.Client)
    api = make(http_client=http(transport=transport, follow_redirects=True), token="secret")

    with pytest.raises(pets.UnexpectedStatusError, match="307"):
        asyncio.run(api.pets.get_pet("1")) if is_async else api.pets.get_pet("1")

    assert len(recorder.requests) == 1


@pytest.mark.parametrize("is_async", [False, True])
def test_hooks_see_every_request_and_response(pets: Any, is_async: Any) -> None:
    seen: list[str] = []

    async def on_response(response: httpx.Response) -> None:
        seen.append(str(response.status_code))

    def on_request(request: httpx.Request) -> None:
        request.headers["traceparent"] = "00-1"
        seen.append(request.method)

    hooks: dict[str, Any] = {"on_request": on_request}
    hooks["on_response"] = on_response if is_async else lambda response: seen.append(str(response.status_code))
    api, recorder = (async_client if is_async else client)(pets, busy(), rex(), **hooks)

    result = api.pets.get_pet("1")
    if is_async:
        asyncio.run(result)

    assert seen == ["GET", "503", "GET", "200"]
    assert recorder.requests[1].headers["traceparent"] == "00-1"


def test_an_http_client_of_the_caller_stays_open(pets: Any) -> None:
    recorder = Recorder([rex()])
    with httpx.Client(transport=httpx.MockTransport(recorder)) as http, pets.Client(http_client=http, headers={"X-Team": "a"}) as api:
        api.pets.get_pet("1")
        api.close()

        assert not http.is_closed
    assert recorder.requests[0].headers["x-team"] == "a"


def test_packages_import_groups_and_models_when_they_are_used(pets: Any) -> None:
    folder = str(Path(str(pets.__file__)).parents[1])
    script = f"import sys; sys.path.insert(0, {folder!r}); import {pets.__name__}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert f"{pets.__name__}.client" in loaded
    assert [name for name in loaded if name.startswith((f"{pets.__name__}.groups", f"{pets.__name__}.models"))] == []


def test_the_example_of_the_readme_runs(pets: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder([rex()])
    monkeypatch.setattr(pets, "Client", partial(pets.Client, transport=httpx.MockTransport(recorder)))
    text = (Path(str(pets.__file__)).parents[1] / "README.md").read_text("utf-8")

    exec(text.split("```python\n")[1].split("```")[0], {})

    assert capsys.readouterr().out == "Pet(name='Rex')\n"
    assert (recorder.requests[0].method, json.loads(recorder.bodies[0])) == ("PATCH", {"name": "text"})


UNDESCRIBED = """
paths:
  /stream: {get: {operationId: stream, responses: {"200": {description: A stream.}}}}
  /range: {get: {operationId: range, responses: {2XX: {description: Something.}}}}
  /gone: {delete: {operationId: gone, responses: {"204": {description: Gone.}}}}
  /login: {get: {operationId: login, responses: {"302": {description: Elsewhere.}}}}
"""


@pytest.mark.parametrize("is_async", [False, True])
def test_the_location_of_a_redirection_that_is_the_result_is_reachable(tmp_path: Path, is_async: bool) -> None:
    seen: list[httpx.Response] = []
    with generated(tmp_path, UNDESCRIBED) as package:
        answer = httpx.Response(302, headers={"location": "/next"}, content=b"<a href=/next>next</a>")
        api, _ = (async_client if is_async else client)(package, answer)

        result = api.login.login(options=package.Options(on_response=seen.append))

        assert (asyncio.run(result) if is_async else result) is None
        assert [(response.status_code, response.headers["location"]) for response in seen] == [(302, "/next")]


@pytest.mark.parametrize("method", ["stream", "range"])
def test_content_that_the_document_does_not_describe_is_given_as_bytes(tmp_path: Path, method: str) -> None:
    with generated(tmp_path, UNDESCRIBED) as package:
        api, _ = client(package, httpx.Response(200, content=b"a,b"), httpx.Response(200), httpx.Response(200, content=b"cd"))
        group = getattr(api, method)

        assert [getattr(group, method)() for _ in range(2)] == [b"a,b", None]
        with getattr(group, f"download_{method}")() as download:
            assert b"".join(download) == b"cd"
        assert not hasattr(api.gone, "download_gone")
        assert typing.get_type_hints(getattr(type(group), method))["return"] == bytes | None
