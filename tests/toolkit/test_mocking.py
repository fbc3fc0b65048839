"""What a mock remembers, on documents of different styles: in process, through the runtime that the server has."""

from __future__ import annotations

import asyncio
import json
import threading
from io import BytesIO

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from contract import document, mock
from contract.mocking.store import Store, Thing

ENVELOPES = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /api}]
x-ada: &ada
  {id: cus_001, email: ada@example.com, name: Ada, tier: gold, tags: [vip], created_at: &then "2026-01-01T00:00:00Z", updated_at: *then}
paths:
  /customers:
    get:
      operationId: list_customers
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
        - {name: limit, in: query, schema: {type: integer, maximum: 50, default: 2}}
        - {name: tier, in: query, schema: {type: string}}
        - {name: tag, in: query, schema: {type: string}}
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                type: object
                required: [success, customers, pagination]
                properties:
                  success: {const: true}
                  customers: {type: array, items: {$ref: "#/components/schemas/Customer"}}
                  pagination: {$ref: "#/components/schemas/Pagination"}
              example: {success: true, customers: [], pagination: {page: 1, limit: 20, total: 0, total_pages: 0}}
    post:
      operationId: create_customer
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [email]
              properties:
                email: {type: string, format: email}
                name: {type: string}
                tier: {type: string, default: basic}
                tags: {type: array, items: {type: string}}
                password: {type: string}
      responses:
        "201":
          description: Made.
          headers: {Location: {schema: {type: string}, example: /api/customers/cus_001}}
          content: {application/json: {schema: {$ref: "#/components/schemas/One"}, example: {success: true, customer: *ada}}}
          links: {get: {operationId: get_customer, parameters: {customer_id: "$response.body#/customer/id"}}}
  /customers/{customer_id}:
    parameters: [{name: customer_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: get_customer
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/One"}, example: {success: true, customer: *ada}}}
        "404": {$ref: "#/components/responses/Problem"}
    patch:
      operationId: update_customer
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: [string, "null"]}, tier: {type: string}}}}}
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/One"}, example: {success: true, customer: *ada}}}
        "404": {$ref: "#/components/responses/Problem"}
    delete:
      operationId: delete_customer
      responses:
        "200": {description: Gone., content: {application/json: {schema: {type: object}, example: {success: true, id: cus_001}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /customers/{customer_id}/block:
    post:
      operationId: block_customer
      parameters: [{name: customer_id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: One.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/One"}
              example: {success: true, customer: {<<: *ada, tier: blocked}}
        "404": {$ref: "#/components/responses/Problem"}
  /customers/{customer_id}/orders:
    parameters: [{name: customer_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: list_orders
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
        "404": {$ref: "#/components/responses/Problem"}
    post:
      operationId: create_order
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /customers/{customer_id}/orders/{order_id}:
    get:
      operationId: get_order
      parameters:
        - {name: customer_id, in: path, required: true, schema: {type: string}}
        - {name: order_id, in: path, required: true, schema: {type: integer}}
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /mails:
    post:
      operationId: send_mail
      requestBody: {content: {application/json: {schema: {type: object, properties: {subject: {type: string}}}}}}
      responses:
        "202":
          description: Taken.
          content: {application/json: {schema: {type: object, properties: {message_id: {type: string}}}, example: {message_id: msg_7}}}
          links: {message: {operationId: get_message, parameters: {message_id: "$response.body#/message_id"}}}
  /messages/{message_id}:
    get:
      operationId: get_message
      parameters: [{name: message_id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: One.
          content:
            application/json:
              schema: {type: object, required: [id, subject], properties: {id: {type: string}, subject: {type: string}}}
              example: {id: msg_7, subject: Hello}
        "404": {$ref: "#/components/responses/Problem"}
components:
  schemas:
    Pagination:
      type: object
      required: [page, limit, total, total_pages]
      properties: {page: {type: integer}, limit: {type: integer}, total: {type: integer}, total_pages: {type: integer}}
    One:
      type: object
      additionalProperties: false
      required: [success, customer]
      properties: {success: {const: true}, customer: {$ref: "#/components/schemas/Customer"}}
    Customer:
      type: object
      additionalProperties: false
      required: [id, email, name, tier, tags, created_at, updated_at]
      properties:
        id: {type: string, pattern: "^cus_[0-9]{3}$"}
        email: {type: string}
        name: {type: [string, "null"]}
        tier: {type: string}
        tags: {type: array, items: {type: string}}
        created_at: {type: string, format: date-time}
        updated_at: {type: string, format: date-time}
    Order:
      type: object
      required: [id, item]
      properties: {id: {type: integer, minimum: 1}, item: {type: string}}
  responses:
    Problem: {description: Refused., content: {application/json: {schema: {type: object, required: [error]}, example: {error: Wrong}}}}
"""
PLAIN = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      parameters:
        - {name: cursor, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Note"}}
                  next_cursor: {type: string, nullable: true}
                  has_more: {type: boolean}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
    delete: {responses: {"204": {description: Empty.}}}
  /notes/{noteId}:
    parameters: [{name: noteId, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "404": {description: None.}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "404": {description: None.}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
components:
  schemas:
    Note:
      type: object
      required: [text]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        text: {type: string}
        secret: {type: string, writeOnly: true}
        size: {type: integer, readOnly: true, example: 3}
"""


PETS = """
openapi: 3.0.2
info: {title: Pets, version: "1"}
paths:
  /pet:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"200": {description: Made., content: {application/json: &pet {schema: {$ref: "#/components/schemas/Pet"}}}}}
  /pet/{petId}:
    get:
      parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: One.
          content: {application/xml: {schema: {$ref: "#/components/schemas/Pet"}}, application/json: *pet}
        "404": {description: None.}
components:
  schemas: {Pet: {type: object, required: [name], properties: {id: {type: integer, example: 10}, name: {type: string, example: doggie}}}}
"""


@pytest.fixture(scope="module")
def loop():
    found = asyncio.new_event_loop()
    thread = threading.Thread(target=found.run_forever)
    thread.start()
    yield found
    found.call_soon_threadsafe(found.stop)
    thread.join()
    found.close()


@pytest.fixture
def serve(tmp_path, loop):
    """A mock of a document."""

    def run(text, **options):
        (tmp_path / "api.yaml").write_text(text)
        app = mock.application(document.load(tmp_path / "api.yaml").bundle, loop, None, mock.Options(**options))
        return Client(app, Response)

    return run


@pytest.fixture
def shop(serve):
    return serve(ENVELOPES)


@pytest.fixture
def notes(serve):
    return serve(PLAIN, has_seeds=False)


def test_what_is_posted_can_be_fetched(shop):
    made = shop.post("/api/customers", json={"email": "bob@example.com", "tags": ["new"], "password": "hidden"})
    bob = made.json["customer"]

    assert made.status_code == 201
    assert (bob["id"], bob["email"], bob["name"], bob["tier"], bob["tags"]) == ("cus_002", "bob@example.com", None, "basic", ["new"])
    assert bob["created_at"] > "2026-01-01T00:00:00Z"
    assert made.headers["Location"] == "/api/customers/cus_002"
    assert shop.get("/api/customers/cus_002").json == made.json


def test_what_examples_show_is_there_at_the_start(shop):
    assert shop.get("/api/customers/cus_001").json["customer"]["name"] == "Ada"
    assert [one["id"] for one in shop.get("/api/customers").json["customers"]] == ["cus_001"]


def test_an_empty_mock_begins_with_nothing(serve):
    shop = serve(ENVELOPES, has_seeds=False)

    assert shop.get("/api/customers/cus_001").status_code == 404
    assert shop.get("/api/customers").json == {
        "success": True,
        "customers": [],
        "pagination": {"page": 1, "limit": 2, "total": 0, "total_pages": 0},
    }


def test_a_stateless_mock_answers_examples(serve):
    shop = serve(ENVELOPES, remembers=False)

    assert shop.post("/api/customers", json={"email": "bob@example.com"}).json["customer"]["name"] == "Ada"
    assert shop.get("/api/customers/anyone").status_code == 200


def test_an_unknown_id_is_the_documented_404(shop):
    answer = shop.get("/api/customers/cus_999")

    assert (answer.status_code, answer.json) == (404, {"error": "There is no customer cus_999"})


def test_a_changed_thing_stays_changed(shop):
    changed = shop.patch("/api/customers/cus_001", json={"name": None, "tier": "silver"}).json["customer"]

    assert (changed["name"], changed["tier"], changed["email"], changed["created_at"]) == (
        None,
        "silver",
        "ada@example.com",
        "2026-01-01T00:00:00Z",
    )
    assert changed["updated_at"] > "2026-01-01T00:00:00Z"
    assert shop.get("/api/customers/cus_001").json["customer"] == changed


def test_a_deleted_thing_is_gone_with_what_was_below_it(shop):
    shop.post("/api/customers", json={"email": "bob@example.com"})
    shop.post("/api/customers/cus_002/orders", json={"item": "pen"})

    assert shop.delete("/api/customers/cus_002").json == {"success": True, "id": "cus_002"}
    assert shop.get("/api/customers/cus_002").status_code == 404
    assert shop.get("/api/customers/cus_002/orders").status_code == 404
    assert shop.delete("/api/customers/cus_002").status_code == 404


def test_a_list_is_cut_to_pages_newest_first(shop):
    for name in ("b", "c", "d"):
        shop.post("/api/customers", json={"email": f"{name}@example.com"})

    first, second = (shop.get(f"/api/customers?page={number}").json for number in (1, 2))

    assert [one["id"] for one in first["customers"] + second["customers"]] == ["cus_004", "cus_003", "cus_002", "cus_001"]
    assert second["pagination"] == {"page": 2, "limit": 2, "total": 4, "total_pages": 2}
    assert shop.get("/api/customers?page=9").json["customers"] == []


def test_a_list_is_filtered_by_fields(shop):
    shop.post("/api/customers", json={"email": "bob@example.com", "tier": "basic", "tags": ["new", "vip"]})

    assert [one["id"] for one in shop.get("/api/customers?tier=basic").json["customers"]] == ["cus_002"]
    assert [one["id"] for one in shop.get("/api/customers?tag=vip&limit=9").json["customers"]] == ["cus_002", "cus_001"]


def test_an_action_does_to_a_thing_what_its_example_shows(shop):
    shop.post("/api/customers", json={"email": "bob@example.com"})

    blocked = shop.post("/api/customers/cus_002/block").json["customer"]

    assert (blocked["id"], blocked["email"], blocked["tier"]) == ("cus_002", "bob@example.com", "blocked")
    assert shop.get("/api/customers/cus_002").json["customer"]["tier"] == "blocked"
    assert shop.post("/api/customers/cus_999/block").status_code == 404


def test_things_belong_to_the_thing_they_are_below(shop):
    shop.post("/api/customers", json={"email": "bob@example.com"})
    order = shop.post("/api/customers/cus_002/orders", json={"item": "pen"}).json

    assert order["item"] == "pen"
    assert shop.get(f"/api/customers/cus_002/orders/{order['id']}").json == order
    assert shop.get("/api/customers/cus_002/orders").json == [order]
    assert shop.get(f"/api/customers/cus_001/orders/{order['id']}").status_code == 404


def test_what_an_answer_links_to_is_there(shop):
    sent = shop.post("/api/mails", json={"subject": "News"}).json["message_id"]

    assert sent != "msg_7"
    assert shop.get(f"/api/messages/{sent}").json == {"id": sent, "subject": "News"}
    assert shop.get("/api/messages/msg_7").json["subject"] == "Hello"
    assert shop.get("/api/messages/other").status_code == 404


def test_a_preference_is_answered_by_the_example(shop):
    answer = shop.get("/api/customers/cus_001", headers={"Prefer": "code=404"})

    assert (answer.status_code, answer.json) == (404, {"error": "Wrong"})


def test_a_mock_with_a_token_takes_no_other(serve):
    text = ENVELOPES.replace("paths:", "security: [{key: []}]\npaths:", 1).replace(
        "components:", "components:\n  securitySchemes: {key: {type: http, scheme: bearer}}"
    )
    shop = serve(text, token="right")

    assert shop.get("/api/customers", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert shop.get("/api/customers", headers={"Authorization": "Bearer right"}).status_code == 200


def test_ids_have_the_form_that_the_schema_asks_for(notes):
    first, second = (notes.post("/notes", json={"text": text, "secret": "x"}).json for text in ("a", "b"))

    assert first == {"id": first["id"], "text": "a", "size": 3}
    assert len({first["id"], second["id"]}) == 2
    assert notes.get(f"/notes/{second['id']}").json == second


def test_a_list_is_followed_by_its_cursor(notes):
    for text in "abc":
        notes.post("/notes", json={"text": text})

    first = notes.get("/notes?limit=2").json
    rest = notes.get(f"/notes?limit=2&cursor={first['next_cursor']}").json

    assert ([one["text"] for one in first["data"]], first["has_more"]) == (["c", "b"], True)
    assert ([one["text"] for one in rest["data"]], rest["has_more"], rest["next_cursor"]) == (["a"], False, None)


def test_a_replaced_thing_keeps_only_its_id(notes):
    made = notes.post("/notes", json={"text": "a"}).json

    assert notes.put(f"/notes/{made['id']}", json={"text": "b"}).json == {**made, "text": "b"}
    assert notes.put("/notes/00000000-0000-4000-8000-00000000ffff", json={"text": "b"}).status_code == 404


def test_json_is_answered_where_another_type_is_documented_first(serve):
    pets = serve(PETS)

    assert pets.post("/pet", json={"name": "rex"}).json == {"id": 11, "name": "rex"}
    assert [pets.get(f"/pet/{number}").json for number in (10, 11)] == [{"id": 10, "name": "doggie"}, {"id": 11, "name": "rex"}]
    assert pets.get("/pet/12").status_code == 404


def test_a_collection_can_be_emptied(notes):
    notes.post("/notes", json={"text": "a"})

    assert notes.delete("/notes").status_code == 204
    assert notes.get("/notes").json["data"] == []


def test_a_mock_forgets_the_oldest_first():
    store = Store(most_things=2)
    for number in "123":
        store.put(("/things",), Thing(number, {"id": number}))

    assert [one.id for one in store.all(("/things",))] == ["3", "2"]
    assert store.get(("/things",), "1") is None


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b"\xff", b'"' + b"x" * 30_000_000 + b'"'], ids=["deep", "cut", "bytes", "huge"])
def test_a_broken_body_is_refused(shop, body):
    answer = shop.open(
        "/api/customers", method="POST", input_stream=BytesIO(body), content_length=len(body), content_type="application/json"
    )

    assert answer.status_code in {400, 413}


def test_a_schema_of_itself_is_served(serve):
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
