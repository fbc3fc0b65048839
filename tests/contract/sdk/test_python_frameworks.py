"""Python clients of documents that FastAPI, Django (drf-spectacular) and Spring (springdoc) write."""

from __future__ import annotations

import asyncio
import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.support.python_clients import async_client, client, generated

DOCUMENTS = Path(__file__).parent / "documents"


def models_of(package: ModuleType) -> Any:
    return importlib.import_module(f"{package.__name__}.models")


def test_fastapi_parameters_unions_and_errors(tmp_path: Path) -> None:
    item = {"name": "a", "point": [1.0, 2.5], "price": "9.50", "pet": {"kind": "dog", "name": None}, "child": None, "extra": {"x": [1]}}
    refusal = {"detail": [{"loc": ["body", "name"], "msg": "Field required", "type": "missing"}]}
    with generated(tmp_path, (DOCUMENTS / "fastapi.yaml").read_text("utf-8")) as package:
        models = models_of(package)
        api, recorder = client(package, httpx.Response(200, json=item), httpx.Response(422, json=refusal))

        read = api.items.read_item_items__item_id__get(5, q="a&b", tags=["a", "b"], user_agent="test", session="s")
        with pytest.raises(package.ApiError) as refused:
            api.items.update_item_items__item_id__put(5, {"price": 3})

        assert read.pet == models.Dog(kind="dog", name=None)
        assert (read.point, read.price, read.child) == ((1.0, 2.5), "9.50", None)
        assert recorder.paths[0] == "/v1/items/5?q=a%26b&tags=a&tags=b"
        assert (recorder.requests[0].headers["user-agent"], recorder.requests[0].headers["cookie"]) == ("test", "session=s")
        assert str(refused.value) == "422: body.name: Field required"


def test_fastapi_variants_send_the_constant_that_selects_them(tmp_path: Path) -> None:
    """A constant with a default is not required, and yet the server reads it."""
    text = """
paths:
  /pet:
    post:
      operationId: pet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"204": {description: Kept.}}
components:
  schemas:
    Pet:
      oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}]
      discriminator: {propertyName: kind, mapping: {cat: "#/components/schemas/Cat", dog: "#/components/schemas/Dog"}}
    Cat: {type: object, properties: {kind: {type: string, const: cat, default: cat}, purge: {const: all}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string, const: dog}}}
"""
    with generated(tmp_path, text) as package:
        api, recorder = client(package, httpx.Response(204))

        api.pet.pet(models_of(package).Cat())

        assert json.loads(recorder.bodies[0]) == {"kind": "cat"}


def test_a_form_keeps_the_name_of_its_component(tmp_path: Path) -> None:
    with generated(tmp_path, (DOCUMENTS / "fastapi.yaml").read_text("utf-8")) as package:
        assert {name for name in vars(models_of(package)) if "Body" in name or "Upload" in name} == {
            "BodyLogin",
            "BodyUploadFileUploadPost",
        }


def test_fastapi_files_and_forms(tmp_path: Path) -> None:
    with generated(tmp_path, (DOCUMENTS / "fastapi.yaml").read_text("utf-8")) as package:
        api, recorder = client(package, httpx.Response(200, json={"size": 3}), httpx.Response(200, json={"access_token": "t"}))

        sizes = api.upload.upload_file_upload_post({"file": b"abc", "files": [b"d"]})
        token = api.token.login_token_post(models_of(package).BodyLogin(username="ada", password="a b"))

        assert (sizes, token.access_token) == ({"size": 3}, "t")
        assert b'name="file"; filename="upload"\r\nContent-Type: application/octet-stream\r\n\r\nabc\r\n' in recorder.bodies[0]
        assert recorder.bodies[1] == b"username=ada&password=a%20b"


def test_django_pages_end_with_the_last_link(tmp_path: Path) -> None:
    books = [{"id": number, "title": "t", "author": {"id": 1, "name": "a"}, "genre": ""} for number in (1, 2)]
    pages = [
        {"count": 2, "next": "http://testserver/api/books/?page=2", "previous": None, "results": books[:1]},
        {"count": 2, "next": None, "previous": None, "results": books[1:]},
    ]
    with generated(tmp_path, (DOCUMENTS / "django.yaml").read_text("utf-8")) as package:
        answers = [httpx.Response(200, json=page) for page in pages]
        api, recorder = client(package, *answers, httpx.Response(404, json={"detail": "Invalid page."}))

        assert [(book.id, book.genre) for book in api.api.iter_api_books_list(genre=["fiction", "poetry"])] == [(1, ""), (2, "")]
        assert recorder.paths == ["/v1/api/books/?page=1&genre=fiction,poetry", "/v1/api/books/?page=2&genre=fiction,poetry"]


def test_django_pages_follow_the_cursor_of_the_next_link(tmp_path: Path) -> None:
    pages = [{"next": "http://testserver/authors/?cursor=cD0%3D", "results": [{"id": 1}]}, {"next": None, "results": [{"id": 2}]}]
    text = """
paths:
  /authors/:
    get:
      operationId: authors_list
      tags: [authors]
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses: {"200": {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Page"}}}}}
components:
  schemas:
    Author: {type: object, properties: {id: {type: integer}}}
    Page:
      type: object
      properties: {next: {type: [string, "null"], format: uri}, results: {type: array, items: {$ref: "#/components/schemas/Author"}}}
"""
    with generated(tmp_path, text) as package:
        api, recorder = client(package, *(httpx.Response(200, json=page) for page in pages))

        assert [author.id for author in api.authors.iter_authors_list()] == [1, 2]
        assert recorder.paths == ["/v1/authors/", "/v1/authors/?cursor=cD0%3D"]


def test_django_requests_have_no_read_only_values_and_one_of_three_media_types(tmp_path: Path) -> None:
    answer = httpx.Response(201, json={"id": 1, "title": "t", "author": {"id": 1, "name": "a"}, "genre": None})
    with generated(tmp_path, (DOCUMENTS / "django.yaml").read_text("utf-8")) as package:
        book = models_of(package).BookInput(title="t", secret="s", genre=None)
        api, recorder = client(package, answer, basic_auth=("ada", "p"), cookie_auth="sid")

        for media_type in (None, "application/x-www-form-urlencoded", "multipart/form-data"):
            api.api.api_books_create(book, content_type=media_type)

        assert json.loads(recorder.bodies[0]) == {"title": "t", "secret": "s", "genre": None}
        assert recorder.bodies[1] == b"title=t&secret=s"
        assert recorder.bodies[2].count(b"Content-Disposition") == 2


def test_spring_answers_of_any_media_type_are_read_as_json(tmp_path: Path) -> None:
    owner = {"id": 2**53 + 1, "name": "Ada", "status": "ACTIVE", "pets": []}
    page = {"totalPages": 1, "totalElements": 1, "content": [owner], "number": 0, "last": True}
    vehicles = [{"type": "van", "load": 1.5, "wheels": 4}, {"type": "car", "doors": 5}]
    with generated(tmp_path, (DOCUMENTS / "spring.yaml").read_text("utf-8")) as package:
        models = models_of(package)
        hal = httpx.Response(200, content=json.dumps(page).encode(), headers={"content-type": "application/hal+json"})
        photo = httpx.Response(200, content=b"\xff\xd8", headers={"content-type": "image/jpeg"})
        refusal = httpx.Response(400, json={"name": "must not be blank"})
        api, recorder = client(package, hal, photo, httpx.Response(200, json=vehicles), refusal)

        assert api.owner_controller.find_all(pageable={"page": 0, "sort": ["name,asc", "id"]}).content[0].id == 2**53 + 1
        assert api.owner_controller.photo(7) == b"\xff\xd8"
        assert api.owner_controller.vehicles() == [models.Van(type="van", load=1.5, wheels=4), models.Car(type="car", doors=5)]
        with pytest.raises(package.ApiError, match="400"):
            api.owner_controller.save_1({"name": ""})

        assert recorder.paths[0] == "/v1/owners?page=0&sort=name%2Casc&sort=id"
        assert recorder.requests[3].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("iterator", "ends", "paths"),
    [
        ("iter_all", [{}, {"last": True}], ["/v1/owners?size=1&page=0", "/v1/owners?size=1&page=1"]),
        ("iter_models", [{"page": {"totalElements": 2}}] * 2, ["/v1/models?size=1&page=0", "/v1/models?size=1&page=1"]),
    ],
)
def test_spring_pages_are_iterated_by_a_member_of_pageable(
    tmp_path: Path, iterator: str, ends: list[dict[str, object]], paths: list[str]
) -> None:
    pages = [{"content": [{"name": name}], **end} for name, end in zip("ab", ends, strict=True)]
    with generated(tmp_path, (DOCUMENTS / "spring_pages.yaml").read_text("utf-8")) as package:
        api, recorder = client(package, *(httpx.Response(200, json=page) for page in pages))

        owners = getattr(api.owner_controller, iterator)(pageable={"size": 1})

        assert [owner.name for owner in owners] == ["a", "b"]
        assert recorder.paths == paths


def test_spring_pages_are_iterated_asynchronously_until_the_last(tmp_path: Path) -> None:
    with generated(tmp_path, (DOCUMENTS / "spring_pages.yaml").read_text("utf-8")) as package:
        pages = [{"content": [{"name": "a"}], "last": False}, {"content": [{"name": "b"}], "last": True}]
        api, recorder = async_client(package, *(httpx.Response(200, json=page) for page in pages))

        async def names() -> list[str]:
            return [owner.name async for owner in api.owner_controller.iter_slices(size=1)]

        assert asyncio.run(names()) == ["a", "b"]
        assert recorder.paths == ["/v1/slices?page=0&size=1", "/v1/slices?page=1&size=1"]


def test_another_media_type_is_accepted_after_the_documented_ones(tmp_path: Path) -> None:
    """Django REST Framework refuses a type for which it has no renderer, such as that of a download."""
    text = "paths: {/a: {get: {operationId: a, responses: {'200': {description: It., content: {application/octet-stream: {}}}}}}}"
    with generated(tmp_path, text) as package:
        api, recorder = client(package, httpx.Response(200, content=b"a", headers={"content-type": "application/octet-stream"}))

        assert api.a.a() == b"a"
        assert recorder.requests[0].headers["accept"] == "application/octet-stream, */*;q=0.1"


@pytest.mark.parametrize(
    ("schema", "content", "result"),
    [
        ("{type: string}", b"plain", "plain"),
        ("{type: integer, format: int64}", b"9007199254740993", 9007199254740993),
        ("{type: boolean}", b"true", True),
        ("{type: string, format: binary}", b"\x00\xff", b"\x00\xff"),
    ],
)
def test_spring_answers_of_any_media_type_are_what_their_schema_says(tmp_path: Path, schema: str, content: bytes, result: object) -> None:
    text = (
        f"paths: {{/a: {{get: {{operationId: a, responses: {{'200': {{description: It., content: {{'*/*': {{schema: {schema}}}}}}}}}}}}}}}"
    )
    media_type = "application/json" if schema.startswith(("{type: i", "{type: b")) else "text/plain"
    with generated(tmp_path, text) as package:
        api, _ = client(package, httpx.Response(200, content=content, headers={"content-type": media_type}))

        assert api.a.a() == result
