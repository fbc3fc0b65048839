"""Defects of Connexion 3.3, each shown to be absent from this project's runtime, so that building on Connexion cannot introduce them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override
from werkzeug.test import Client

from contract.openapi import document
from contract.runtime.application import Contract
from contract.runtime.binding import BoundOperation, HandlerResponse, Signature
from contract.runtime.platform import OpenPlatform
from contract.runtime.validators import Validators
from tests.support.matching import parsed
from tests.support.small_documents import sentences

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    post:
      operationId: create_pet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "schemas/pets.yaml#/Pet"}}}}
      responses: {"200": {description: Made., content: {application/json: {example: "Dear {{first_name}}, {{#each items}}"}}}}
  /cats:
    post:
      operationId: create_cat
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [purrs], properties: {purrs: {type: boolean}}}}}
      responses: {"200": {description: Made., content: {application/json: {}}}}
  /export:
    get:
      operationId: export_pets
      security: [{key: [pets]}]
      responses:
        "200": {description: Rows., content: {text/csv: {schema: {type: string}}}}
        "404": {description: None., content: {application/json: {schema: {type: object, required: [error]}}}}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
"""
SCHEMAS = """
Pet:
  type: object
  required: [name]
  properties:
    id: {type: string, format: uuid}
    made_at: {type: string, readOnly: true}
    name: {$ref: "#/Name"}
Name: {type: string, maxLength: 5}
"""


class Scoped(OpenPlatform):
    """A platform whose tokens name their scopes."""

    @override
    def authenticate(self, operation: Any, credentials: Any) -> Any:
        super().authenticate(operation, credentials)
        return credentials["key"]

    @override
    def scopes(self, principal: Any) -> Any:
        return frozenset(principal.split("+"))


@pytest.fixture
def bundle(tmp_path: Path) -> Any:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "pets.yaml").write_text(SCHEMAS)
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    return document.load(tmp_path / "openapi.yaml").bundle


@pytest.fixture
def client(bundle: Any) -> Any:
    """A client of the document; `export_pets` returns the status in the header X-Status."""

    def made(_ctx: Any, body: Any) -> Any:
        return body

    def exported(ctx: Any) -> Any:
        status = ctx.environ.get("HTTP_X_STATUS", "200")
        return HandlerResponse(b"name\nRex\n", 200) if status == "200" else HandlerResponse({"error": "None"}, int(status))

    creating = Signature("pets", body=dict)
    bound = {
        "create_pet": BoundOperation(creating, made),
        "create_cat": BoundOperation(creating, made),
        "export_pets": BoundOperation(Signature("pets"), exported),
    }
    return Client(Contract(bundle, bound, Scoped(), checks_responses=False).wrap(lambda *_: []))


def test_placeholders_in_an_example_are_kept(bundle: Any) -> None:
    response = bundle["paths"]["/pets"]["post"]["responses"]["200"]

    assert response["content"]["application/json"]["example"] == "Dear {{first_name}}, {{#each items}}"


@pytest.mark.parametrize(("status", "media_type"), [("200", "text/csv"), ("404", "application/json")])
def test_every_status_has_its_own_content_type(client: Any, status: str, media_type: str) -> None:
    response = client.get("/export", headers={"Authorization": "Bearer pets", "X-Status": status})

    assert (response.status_code, response.mimetype) == (int(status), media_type)


def test_format_uuid_is_validated(client: Any) -> None:
    refused = client.post("/pets", json={"name": "Rex", "id": "not-a-uuid"})

    assert (refused.status_code, list(sentences(refused))) == (400, ["#/id"])


def test_a_read_only_property_is_refused_in_a_request(client: Any) -> None:
    refused = client.post("/pets", json={"name": "Rex", "made_at": "now"})

    assert (refused.status_code, list(sentences(refused))) == (400, ["#/made_at"])


def test_an_undocumented_status_is_500(bundle: Any) -> None:
    bound = dict.fromkeys(("create_pet", "create_cat"), BoundOperation(Signature("pets", body=dict), lambda _ctx, body: body))
    bound["export_pets"] = BoundOperation(Signature("pets"), lambda _ctx: HandlerResponse({"error": "No"}, 418))
    judged = Client(Contract(bundle, bound, Scoped(), checks_responses=True).wrap(lambda *_: []))

    response = judged.get("/export", headers={"Authorization": "Bearer pets"})

    assert (response.status_code, parsed(response)["detail"]) == (500, "The response violates the contract: status 418 is not documented")


def test_bearer_scopes_are_enforced(client: Any) -> None:
    assert client.get("/export", headers={"Authorization": "Bearer cats"}).status_code == 403
    assert client.get("/export", headers={"Authorization": "Bearer cats+pets"}).status_code == 200


def test_a_body_that_is_not_utf8_is_refused(client: Any) -> None:
    refused = client.post("/pets", data=b'{"name": "\xff\xfe"}', content_type="application/json")

    assert (refused.status_code, refused.json["detail"]) == (400, "The body is not UTF-8")


def test_two_operations_of_one_function_are_validated_separately(client: Any) -> None:
    assert client.post("/pets", json={"name": "Rex"}).status_code == 200
    assert client.post("/cats", json={"purrs": True}).status_code == 200
    assert list(sentences(client.post("/cats", json={"name": "Rex"}))) == ["#/purrs"]
    assert list(sentences(client.post("/pets", json={"purrs": True}))) == ["#/name"]


def test_a_reference_is_resolved_relative_to_its_file(client: Any) -> None:
    refused = client.post("/pets", json={"name": "Maximilian"})

    assert sentences(refused) == {"#/name": ["Must have at most 5 characters"]}


def test_validators_are_built_once(bundle: Any) -> None:
    validators = Validators(bundle)
    pointer = "/components/schemas/Pet"

    assert validators.at(pointer) is validators.at(pointer)
