"""The state of a mock, on documents of different styles: in process, through the server's runtime."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from contract.mocking import mock
from contract.mocking.store import MockResource, ResourceStore
from contract.openapi import document
from tests.support.mocked import ENVELOPES, PETS, PLAIN


@pytest.fixture(scope="module")
def loop() -> Iterator[Any]:
    result = asyncio.new_event_loop()
    thread = threading.Thread(target=result.run_forever)
    thread.start()
    yield result
    result.call_soon_threadsafe(result.stop)
    thread.join()
    result.close()


@pytest.fixture
def serve(tmp_path: Path, loop: Any) -> Any:
    """A mock of a document."""

    def run(text: Any, **options: Any) -> Any:
        (tmp_path / "api.yaml").write_text(text)
        app = mock.application(document.load(tmp_path / "api.yaml").bundle, loop, None, mock.MockOptions(**options))
        return Client(app, Response)

    return run


@pytest.fixture
def shop(serve: Any) -> Any:
    return serve(ENVELOPES)


@pytest.fixture
def notes(serve: Any) -> Any:
    return serve(PLAIN, has_seeds=False)


def test_a_created_resource_can_be_fetched(shop: Any) -> None:
    made = shop.post("/api/customers", json={"email": "bob@example.com", "tags": ["new"], "password": "hidden"})
    bob = made.json["customer"]

    assert made.status_code == 201
    assert (bob["id"], bob["email"], bob["name"], bob["tier"], bob["tags"]) == ("cus_002", "bob@example.com", None, "basic", ["new"])
    assert bob["created_at"] > "2026-01-01T00:00:00Z"
    assert made.headers["Location"] == "/api/customers/cus_002"
    assert shop.get("/api/customers/cus_002").json == made.json


def test_resources_of_examples_exist_at_the_start(shop: Any) -> None:
    assert shop.get("/api/customers/cus_001").json["customer"]["name"] == "Ada"
    assert [customer["id"] for customer in shop.get("/api/customers").json["customers"]] == ["cus_001"]


def test_an_empty_mock_starts_without_resources(serve: Any) -> None:
    shop = serve(ENVELOPES, has_seeds=False)

    assert shop.get("/api/customers/cus_001").status_code == 404
    assert shop.get("/api/customers").json == {
        "success": True,
        "customers": [],
        "pagination": {"page": 1, "limit": 2, "total": 0, "total_pages": 0},
    }


def test_a_stateless_mock_returns_examples(serve: Any) -> None:
    shop = serve(ENVELOPES, remembers=False)

    assert shop.post("/api/customers", json={"email": "bob@example.com"}).json["customer"]["name"] == "Ada"
    assert shop.get("/api/customers/anyone").status_code == 200


def test_an_unknown_id_returns_the_documented_404(shop: Any) -> None:
    response = shop.get("/api/customers/cus_999")

    assert (response.status_code, response.json) == (404, {"error": "There is no customer cus_999"})


def test_an_updated_resource_stays_updated(shop: Any) -> None:
    changed = shop.patch("/api/customers/cus_001", json={"name": None, "tier": "silver"}).json["customer"]

    assert (changed["name"], changed["tier"], changed["email"], changed["created_at"]) == (
        None,
        "silver",
        "ada@example.com",
        "2026-01-01T00:00:00Z",
    )
    assert changed["updated_at"] > "2026-01-01T00:00:00Z"
    assert shop.get("/api/customers/cus_001").json["customer"] == changed


def test_deleting_a_resource_deletes_its_subresources(shop: Any) -> None:
    shop.post("/api/customers", json={"email": "bob@example.com"})
    shop.post("/api/customers/cus_002/orders", json={"item": "pen"})

    assert shop.delete("/api/customers/cus_002").json == {"success": True, "id": "cus_002"}
    assert shop.get("/api/customers/cus_002").status_code == 404
    assert shop.get("/api/customers/cus_002/orders").status_code == 404
    assert shop.delete("/api/customers/cus_002").status_code == 404


def test_a_list_is_paginated_newest_first(shop: Any) -> None:
    for name in ("b", "c", "d"):
        shop.post("/api/customers", json={"email": f"{name}@example.com"})

    first, second = (shop.get(f"/api/customers?page={number}").json for number in (1, 2))

    assert [customer["id"] for customer in first["customers"] + second["customers"]] == ["cus_004", "cus_003", "cus_002", "cus_001"]
    assert second["pagination"] == {"page": 2, "limit": 2, "total": 4, "total_pages": 2}
    assert shop.get("/api/customers?page=9").json["customers"] == []


def test_a_list_is_filtered_by_fields(shop: Any) -> None:
    shop.post("/api/customers", json={"email": "bob@example.com", "tier": "basic", "tags": ["new", "vip"]})

    assert [customer["id"] for customer in shop.get("/api/customers?tier=basic").json["customers"]] == ["cus_002"]
    assert [customer["id"] for customer in shop.get("/api/customers?tag=vip&limit=9").json["customers"]] == ["cus_002", "cus_001"]


def test_an_action_updates_the_resource_like_its_example(shop: Any) -> None:
    shop.post("/api/customers", json={"email": "bob@example.com"})

    blocked = shop.post("/api/customers/cus_002/block").json["customer"]

    assert (blocked["id"], blocked["email"], blocked["tier"]) == ("cus_002", "bob@example.com", "blocked")
    assert shop.get("/api/customers/cus_002").json["customer"]["tier"] == "blocked"
    assert shop.post("/api/customers/cus_999/block").status_code == 404


def test_resources_belong_to_their_parent(shop: Any) -> None:
    shop.post("/api/customers", json={"email": "bob@example.com"})
    order = shop.post("/api/customers/cus_002/orders", json={"item": "pen"}).json

    assert order["item"] == "pen"
    assert shop.get(f"/api/customers/cus_002/orders/{order['id']}").json == order
    assert shop.get("/api/customers/cus_002/orders").json == [order]
    assert shop.get(f"/api/customers/cus_001/orders/{order['id']}").status_code == 404


def test_linked_resources_exist(shop: Any) -> None:
    sent = shop.post("/api/mails", json={"subject": "News"}).json["message_id"]

    assert sent != "msg_7"
    assert shop.get(f"/api/messages/{sent}").json == {"id": sent, "subject": "News"}
    assert shop.get("/api/messages/msg_7").json["subject"] == "Hello"
    assert shop.get("/api/messages/other").status_code == 404


def test_prefer_selects_the_example(shop: Any) -> None:
    response = shop.get("/api/customers/cus_001", headers={"Prefer": "code=404"})

    assert (response.status_code, response.json) == (404, {"error": "Wrong"})


def test_a_mock_with_a_token_refuses_other_tokens(serve: Any) -> None:
    text = ENVELOPES.replace("paths:", "security: [{key: []}]\npaths:", 1).replace(
        "components:", "components:\n  securitySchemes: {key: {type: http, scheme: bearer}}"
    )
    shop = serve(text, token="right")

    assert shop.get("/api/customers", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert shop.get("/api/customers", headers={"Authorization": "Bearer right"}).status_code == 200


def test_new_ids_match_the_schema(notes: Any) -> None:
    first, second = (notes.post("/notes", json={"text": text, "secret": "x"}).json for text in ("a", "b"))

    assert first == {"id": first["id"], "text": "a", "size": 3}
    assert len({first["id"], second["id"]}) == 2
    assert notes.get(f"/notes/{second['id']}").json == second


def test_a_cursor_leads_to_the_next_page(notes: Any) -> None:
    for text in "abc":
        notes.post("/notes", json={"text": text})

    first = notes.get("/notes?limit=2").json
    rest = notes.get(f"/notes?limit=2&cursor={first['next_cursor']}").json

    assert ([item["text"] for item in first["data"]], first["has_more"]) == (["c", "b"], True)
    assert ([item["text"] for item in rest["data"]], rest["has_more"], rest["next_cursor"]) == (["a"], False, None)


def test_a_replaced_resource_keeps_only_its_id(notes: Any) -> None:
    made = notes.post("/notes", json={"text": "a"}).json

    assert notes.put(f"/notes/{made['id']}", json={"text": "b"}).json == {**made, "text": "b"}
    assert notes.put("/notes/00000000-0000-4000-8000-00000000ffff", json={"text": "b"}).status_code == 404


def test_json_is_preferred_to_a_media_type_documented_first(serve: Any) -> None:
    pets = serve(PETS)

    assert pets.post("/pet", json={"name": "rex"}).json == {"id": 11, "name": "rex"}
    assert [pets.get(f"/pet/{number}").json for number in (10, 11)] == [{"id": 10, "name": "doggie"}, {"id": 11, "name": "rex"}]
    assert pets.get("/pet/12").status_code == 404


def test_a_collection_can_be_emptied(notes: Any) -> None:
    notes.post("/notes", json={"text": "a"})

    assert notes.delete("/notes").status_code == 204
    assert notes.get("/notes").json["data"] == []


def test_a_full_store_drops_the_oldest_resource() -> None:
    store = ResourceStore(max_resources=2)
    for number in "123":
        store.put(("/things",), MockResource(number, {"id": number}))

    assert [row.id for row in store.all(("/things",))] == ["3", "2"]
    assert store.get(("/things",), "1") is None


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b"\xff", b'"' + b"x" * 30_000_000 + b'"'], ids=["deep", "cut", "bytes", "huge"])
def test_an_invalid_body_is_refused(shop: Any, body: bytes) -> None:
    response = shop.open(
        "/api/customers", method="POST", input_stream=BytesIO(body), content_length=len(body), content_type="application/json"
    )

    assert response.status_code in {400, 413}


def test_a_recursive_schema_is_served(serve: Any) -> None:
    tree = {
        "openapi": "3.1.0",
        "info": {"title": "Tree", "version": "1"},
        "paths": {
            "/nodes": {
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}},
                    "responses": {
                        "201": {"description": "Made.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
                    },
                }
            },
            "/nodes/{id}": {
                "get": {
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                    "responses": {
                        "200": {"description": "One.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
                    },
                }
            },
        },
        "components": {
            "schemas": {
                "Node": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "integer"}, "below": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}},
                }
            }
        },
    }
    nodes = serve(json.dumps(tree))

    made = nodes.post("/nodes", json={"id": 7, "below": [{"id": 8, "below": []}]}).json

    assert made == {"id": 7, "below": [{"id": 8, "below": []}]}
    assert nodes.get("/nodes/7").json == made
