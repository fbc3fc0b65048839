"""Generated packages with real requests: the arguments of handlers, and the responses to their results."""

from __future__ import annotations

import importlib
import json
import shutil
from io import BytesIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import pytest
from werkzeug.test import Client

from contract.errors import ContractError
from contract.generate import package
from contract.project import Project
from contract.runtime.application import Contract
from contract.runtime.binding import HandlerResponse, bind
from contract.runtime.platform import OpenPlatform
from tests.support.small_documents import sentences

CASES = Path(__file__).parent / "cases"


class Api:
    """A generated package bound to functions by their names."""

    def __init__(self, folder: Path, case: str) -> None:
        self.models: ModuleType = importlib.import_module(f"{case}.models")
        self._signatures = importlib.import_module(f"{case}.routes").SIGNATURES
        self._bundle = json.loads((folder / case / "bundle.json").read_text())

    def client(self, **handlers: Any) -> Client:
        missing = {signature.name or id_: lambda *_: None for id_, signature in self._signatures.items()}
        modules = {signature.resource: SimpleNamespace(**missing | handlers) for signature in self._signatures.values()}
        return Client(Contract(self._bundle, bind(self._signatures, modules), OpenPlatform()))

    def bind_nothing(self) -> None:
        bind(self._signatures, {})


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Generate the package of a case and import it."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(case: str) -> Api:
        shutil.copy(CASES / case / "openapi.yaml", tmp_path / "openapi.yaml")
        name = f"served_{case}"
        package.write(package.generate(Project(tmp_path, tmp_path / "openapi.yaml", tmp_path / name, None, None, None)))
        return Api(tmp_path, name)

    return make


def test_a_discriminator_selects_the_class_of_the_body(api: Any) -> None:
    pets = api("discriminators")
    given = []

    def create_pet(_: Any, body: Any) -> list[Any]:
        given.append(body)
        return [pets.models.Car(doors=4), pets.models.Bike()]

    client = pets.client(create_pet=create_pet)

    response = client.post("/pets", json={"@kind": "Dog", "friend": {"@kind": "cat", "lives": 9}})

    assert given == [pets.models.Dog(friend=pets.models.CatV1(lives=9))]
    assert response.json == [{"power": "petrol", "doors": 4}, {"power": "Bike"}]


def test_an_unknown_discriminator_value_is_400(api: Any) -> None:
    pets = api("discriminators")

    response = pets.client(create_pet=lambda *_: []).post("/pets", json={"@kind": "fish", "lives": 1})

    assert response.status_code == 400


def test_an_optional_constant_is_absent_until_it_is_sent(api: Any) -> None:
    boxes = api("defaults_and_constants")
    given = []
    models = boxes.models

    def update_box(_context: Any, _id: int, body: Any) -> Any:
        given.append(body)
        return models.Done(success=True)

    client = boxes.client(update_box=update_box)
    response = client.patch("/boxes/1", json={"name": "a"})
    client.patch("/boxes/1", json={"mode": "purge", "reset": None, "delete": True, "level": 3})

    assert given == [models.BoxPatch(name="a"), models.BoxPatch(mode="purge", reset=None, delete=True, level=3)]
    assert response.json == {"success": True, "kind": "done"}


def test_an_ambiguous_union_is_passed_undecoded(api: Any) -> None:
    shapes = api("plain_unions")
    given = []

    shapes.client(create_shape=lambda _, body: given.append(body)).post("/shapes", json={"side": 2, "more": 1})

    assert given == [{"side": 2, "more": 1}]


def test_requests_and_responses_have_separate_models(api: Any) -> None:
    accounts = api("read_only_write_only")
    client = accounts.client(create_account=lambda _, body: accounts.models.Account(id="1", email=body.email))

    fine = client.post("/accounts", json={"email": "a@b.example", "password": "x"})
    refused = client.post("/accounts", json={"id": "1", "email": "a@b.example", "password": "x"})

    assert fine.json == {"id": "1", "email": "a@b.example"}
    assert sentences(refused) == {"#/id": ["Is set by the server"]}


def test_a_form_is_decoded_to_its_model(api: Any) -> None:
    forms = api("forms")
    given = []
    client = forms.client(create_photo=lambda _, body: given.append(body), create_login=lambda _, body: given.append(body))

    statuses = [
        client.post("/photos", data={"file": (BytesIO(b"\xff"), "a"), "more": [(BytesIO(b"1"), "b")], "caption": "c"}).status_code,
        client.post("/photos", json={"file": "text"}).status_code,
        client.post("/login", data={"name": "Ada", "remember": "true"}).status_code,
    ]

    assert statuses == [204, 204, 204]
    models = forms.models
    assert given == [
        models.CreatePhotoBody(file=b"\xff", more=[b"1"], caption="c"),
        models.Photo(file="text"),
        models.Login(name="Ada", remember=True),
    ]


def test_an_optional_body_may_be_absent(api: Any) -> None:
    forms = api("forms")
    given = []
    client = forms.client(create_note=lambda _, body: given.append(body), create_ping=lambda _, body: given.append(body))

    client.post("/notes")
    client.post("/notes", data=b"text", content_type="text/plain")
    client.post("/pings")

    assert given == [None, b"text", forms.models.CreatePingBody()]


@pytest.mark.parametrize(("name", "status"), [("Done", 200), ("Later", 202), ("nothing", 204), ("bytes", 206), ("stream", 206)])
def test_the_type_of_a_result_selects_the_status(api: Any, name: str, status: int) -> None:
    jobs = api("two_successes")
    results = {"nothing": None, "bytes": b"x", "stream": iter([b"x"])}
    given = results[name] if name in results else getattr(jobs.models, name)()

    assert jobs.client(create_job=lambda _: given).post("/jobs").status_code == status


def test_a_handler_response_sets_status_and_headers(api: Any) -> None:
    jobs = api("two_successes")
    client = jobs.client(
        update_job=lambda _: HandlerResponse(jobs.models.Done(done=True), status=201), list_jobs=lambda _: HandlerResponse([])
    )

    assert client.put("/jobs").status_code == 201
    assert client.get("/jobs").status_code == 200


def test_parameters_are_converted_to_their_types(api: Any) -> None:
    items = api("parameters")
    given: list[Any] = []

    def get_item(_: Any, *arguments: Any) -> str:
        given.extend(arguments)
        return "fine"

    client = items.client(get_item=get_item)
    response = client.get(
        "/shops/main/items/7/true,false?page=2&sort=up&filter[colour]=red&where=%7B%22x%22:1%7D&token=q", headers={"token": "h"}
    )

    assert response.json == "fine"
    assert given[:3] == ["main", 7, [True, False]]
    assert msgspec.to_builtins(given[3]) == {
        "page": 2,
        "sort": ["up"],
        "filter": {"colour": "red"},
        "where": {"x": 1},
        "header_token": "h",
        "query_token": "q",
        "size": 7,
    }


def test_operation_ids_of_every_form_find_their_handlers(api: Any) -> None:
    names = api("odd_names")
    client = names.client(users_create_one=lambda *_: names.models.MyOddSchema2())

    assert client.post("/users/5/x/2.5?class=a", json={"class": "c", "größe": "g", "": "e"}).status_code == 200
    assert client.get("/signature").status_code == 204


def test_missing_handlers_are_listed_in_one_message(api: Any) -> None:
    with pytest.raises(ContractError) as refused:
        api("odd_names").bind_nothing()

    assert str(refused.value) == (
        "These operations have no handler: user_accounts_v2.users_create_one, routes.models_, signature.import_. "
        "`contract generate` writes a stub for each"
    )


def test_a_document_without_operation_ids_is_served(api: Any) -> None:
    pets = api("no_operation_ids")
    client = pets.client(get_pets=lambda _: ["a"], get_pets_pet_id_json=lambda _, pet_id: pet_id)

    assert client.get("/v3/pets").json == ["a"]
    assert client.get("/v3/pets/rex.json").json == "rex"
    assert client.post("/v3/pets").status_code == 200
