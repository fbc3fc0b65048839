"""The models of Python clients: what each schema becomes, how answers are read and how arguments are written."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from contract.sdk import python
from tests.support.python_clients import client, generated
from tests.support.small_documents import bundle

DOCUMENTS = Path(__file__).parent / "documents"
SHAPES = """
paths:
  /shapes:
    post:
      operationId: echo
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Everything"}}}}
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Everything"}}}}}
components:
  schemas:
    Circle: {type: object, required: [kind, radius], properties: {kind: {const: circle}, radius: {type: number}}}
    Square: {type: object, required: [kind, side], properties: {kind: {const: square}, side: {type: number}}}
    Cat: {type: object, required: [lives], properties: {lives: {type: integer}}}
    Dog: {type: object, properties: {name: {type: string}, tricks: {type: array, items: {type: string}}}}
    Text: {allOf: [{$ref: "#/components/schemas/Content"}, {type: object, properties: {text: {type: string}}}]}
    Image: {allOf: [{$ref: "#/components/schemas/Content"}, {type: object, properties: {url: {type: string}}}]}
    Content: {type: object, required: [type], discriminator: {propertyName: type}, properties: {type: {type: string}}}
    Tree: {type: object, properties: {children: {type: array, items: {$ref: "#/components/schemas/Tree"}}, value: {type: integer}}}
    Nested: {oneOf: [{type: integer}, {type: array, items: {$ref: "#/components/schemas/Nested"}}]}
    Labels: {type: object, properties: {name: {type: string}}, additionalProperties: {type: integer}}
    Undescribed: {type: object, required: [a, b], properties: {a: {type: integer}}}
    Patterns: {type: object, patternProperties: {"^n": {type: integer}, "^b": {type: boolean}}, additionalProperties: false}
    Everything:
      type: object
      properties:
        shape: {oneOf: [{$ref: "#/components/schemas/Circle"}, {$ref: "#/components/schemas/Square"}]}
        pet: {anyOf: [{$ref: "#/components/schemas/Dog"}, {$ref: "#/components/schemas/Cat"}]}
        content: {$ref: "#/components/schemas/Content"}
        tree: {$ref: "#/components/schemas/Tree"}
        nested: {$ref: "#/components/schemas/Nested"}
        labels: {$ref: "#/components/schemas/Labels"}
        patterns: {$ref: "#/components/schemas/Patterns"}
        point: {type: array, prefixItems: [{type: number}, {type: string}], items: false, minItems: 2}
        row: {type: array, prefixItems: [{type: string}], items: {type: integer}, minItems: 1}
        when: {anyOf: [{type: string, format: date-time}, {type: string, format: date}]}
        nothing: {type: "null"}
        maybe: {type: [object, "null"], properties: {a: {type: integer}}}
        mixed: {type: [string, integer, "null"]}
        flag: {const: true}
        undescribed: {$ref: "#/components/schemas/Undescribed"}
        huge: {type: integer}
        free: {}
"""


def models_of(package: ModuleType) -> Any:
    return importlib.import_module(f"{package.__name__}.models")


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    with generated(tmp_path_factory.mktemp("shapes"), SHAPES) as package:
        yield package


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"shape": {"kind": "circle", "radius": 1.5}},
        {"shape": {"kind": "square", "side": 2.0}},
        {"pet": {"lives": 9}},
        {"pet": {"name": "Rex", "tricks": ["sit"]}},
        {"content": {"type": "Text", "text": "a"}},
        {"content": {"type": "Image", "url": "u"}},
        {"tree": {"value": 1, "children": [{"value": 2, "children": []}]}},
        {"nested": [1, [2, [3]]]},
        {"labels": {"name": "a", "x": 1, "y": 2}},
        {"patterns": {"n1": 1, "b1": True}},
        {"point": [1.5, "a"]},
        {"row": ["a", 1, 2]},
        {"when": "2024-02-29T12:00:00Z"},
        {"when": "2024-02-29"},
        {"nothing": None, "maybe": None, "mixed": None},
        {"maybe": {"a": 1}, "mixed": 5, "flag": True, "free": {"a": [1, None]}},
        {"undescribed": {"a": 1, "b": [None]}},
        {"huge": 90071992547409931234567890},
    ],
    ids=json.dumps,
)
def test_answers_are_read_as_models_and_written_back_equal(shapes: Any, value: Any) -> None:
    api, recorder = client(shapes, httpx.Response(200, json=value))

    read = api.shapes.echo(value)
    api.shapes.echo(read)

    assert type(read).__name__ == "Everything"
    assert [json.loads(body) for body in recorder.bodies] == [value, value]


def test_branches_of_unions_have_their_classes(shapes: Any) -> None:
    models = models_of(shapes)
    answer = {
        "shape": {"kind": "square", "side": 1},
        "pet": {"lives": 3},
        "content": {"type": "Image", "url": "u"},
        "labels": {"name": "a", "x": 1},
        "unknown": 1,
    }
    api, _ = client(shapes, httpx.Response(200, json=answer))

    read = api.shapes.echo({})

    assert read.shape == models.Square(kind="square", side=1.0)
    assert read.pet == models.Cat(lives=3)
    assert read.content == models.Image(type="Image", url="u")
    assert read.labels == models.Labels(name="a", additional_properties={"x": 1})
    assert read.tree is shapes.UNSET


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"shape": {"kind": "triangle"}}, "kind"),
        ({"point": [1.5]}, "point"),
        ({"point": [1.5, "a", 2]}, "point"),
        ({"labels": {"x": "a"}}, "Expected `int`"),
        ({"flag": 1}, "flag"),
        ({"huge": "1"}, "huge"),
        ([], "object"),
    ],
)
def test_answers_that_do_not_fit_are_typed_errors_with_their_place(shapes: Any, answer: Any, reason: str) -> None:
    api, _ = client(shapes, httpx.Response(200, json=answer))

    with pytest.raises(shapes.UnexpectedResponseError, match=reason) as caught:
        api.shapes.echo({})

    assert (caught.value.response.status, json.loads(caught.value.response.content)) == (200, answer)


READ_WRITE = """
paths:
  /users:
    post:
      operationId: create_user
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
      responses: {"201": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}}
components:
  schemas:
    User:
      type: object
      required: [id, name, password, mode]
      properties:
        id: {type: string, readOnly: true}
        name: {type: string}
        password: {type: string, writeOnly: true}
        mode: {const: fast}
        purge: {const: true}
        note: {type: [string, "null"]}
        born_at: {type: string, format: date-time}
"""


def test_requests_and_responses_have_their_own_models(tmp_path: Path) -> None:
    with generated(tmp_path, READ_WRITE) as package:
        models = models_of(package)
        api, recorder = client(package, httpx.Response(201, json={"id": "1", "name": "Ada", "mode": "fast"}))

        made = api.users.create_user(models.UserInput(name="Ada", password="secret", mode="fast", note=None))

        assert made == models.User(id="1", name="Ada", mode="fast")
        assert json.loads(recorder.bodies[0]) == {"name": "Ada", "password": "secret", "mode": "fast", "note": None}


def test_dictionaries_may_hold_models_and_times(tmp_path: Path) -> None:
    with generated(tmp_path, READ_WRITE) as package:
        api, recorder = client(package, httpx.Response(201, json={"id": "1", "name": "Ada", "mode": "fast"}))

        api.users.create_user({"name": "Ada", "born_at": datetime(1815, 12, 10, tzinfo=UTC), "note": package.UNSET})

        assert json.loads(recorder.bodies[0]) == {"name": "Ada", "born_at": "1815-12-10T00:00:00Z"}


def test_awkward_names_are_sent_and_read_as_in_the_document(tmp_path: Path) -> None:
    with generated(tmp_path, (DOCUMENTS / "names.yaml").read_text("utf-8")) as package:
        answer = {"def": "a", "list": ["b"], "class": 1, "quote\"'\\": "q", "": "e", "A_B": "x", "a-b": "y", "a_b": "z", "__init__": "i"}
        api, recorder = client(package, httpx.Response(200, json=answer))

        read = api.class_.get_class_from_in(
            "x y", 5, self_="s", filter_name="plain", query_filter_name="brackets", a_b_c_d="50%", value="v"
        )

        assert recorder.paths == ["/v1/class/x%20y/5?self=s&filter%5Bname%5D=brackets&filter_name=plain&a%27b%22c%25d=50%25&%E5%90%8D=v"]
        assert (read.def_, read.list_, read.class_, read.quote, read.value) == ("a", ["b"], 1, "q", "e")
        assert (read.a_b, read.a_b_, read.a_b_2, read.init) == ("z", "y", "x", "i")
        api.value.list_("x", 1, read)
        assert json.loads(recorder.bodies[1]) == answer


def test_a_value_may_name_the_base_of_a_hierarchy_or_no_variant_at_all(tmp_path: Path) -> None:
    document = (Path(__file__).parents[3] / "scripts" / "cross" / "documents" / "hierarchies.yaml").read_text("utf-8")
    sinks = [{"@type": "Sink", "name": "a"}, {"@type": "#Asset", "name": "b", "asset": "c"}, {"@type": "new", "name": "d"}]
    with generated(tmp_path, document[document.index("paths:") :]) as package:
        api, _ = client(package, httpx.Response(200, json=sinks))
        read = api.sinks.list_sinks()
        api, _ = client(package, httpx.Response(200, json={"__type": "other", "days": 1}))
        delta = api.schedules.set_schedule({"__type": "Delta", "days": 2})
        api, _ = client(package, httpx.Response(200, json=[{"@type": "#Asset", "name": "b", "new": 1}]))
        with pytest.raises(package.UnexpectedResponseError, match="missing required field `asset`"):
            api.sinks.list_sinks()

    assert [type(sink).__name__ for sink in read] == ["SinkBase", "AssetSink", "SinkBase"]
    assert (type(delta).__name__, delta.days) == ("Delta", 1)


CIRCLES = """
paths:
  /circles:
    post:
      operationId: post_circle
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Left"}}}}
      responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Itself"}}}}}
components:
  schemas:
    Itself: {anyOf: [{$ref: "#/components/schemas/Itself"}, {type: string}]}
    Left: {oneOf: [{$ref: "#/components/schemas/Right"}, {type: "null"}, {$ref: "#/components/schemas/Leaf"}]}
    Right: {anyOf: [{type: integer}, {$ref: "#/components/schemas/Left"}, {type: array, items: {$ref: "#/components/schemas/Left"}}]}
    Leaf: {type: object, properties: {name: {type: string}, next: {$ref: "#/components/schemas/Left"}}}
    Empty: {anyOf: [{$ref: "#/components/schemas/Empty"}]}
"""


def test_a_union_that_contains_itself_is_the_union_of_its_other_members(tmp_path: Path) -> None:
    with generated(tmp_path, CIRCLES) as package:
        models = importlib.import_module(f"{package.__name__}.models")
        api, recorder = client(package, httpx.Response(200, json="a"))

        assert models.Itself is str
        assert api.circles.post_circle([1, None, {"name": "b", "next": 2}]) == "a"
        assert json.loads(recorder.bodies[0]) == [1, None, {"name": "b", "next": 2}]


def test_generated_packages_pass_strict_type_checks_for_every_document(tmp_path: Path) -> None:
    texts = {path.stem: path.read_text("utf-8") for path in sorted(DOCUMENTS.glob("*.yaml"))} | {
        "shapes": SHAPES,
        "users": READ_WRITE,
        "circles": CIRCLES,
    }
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        python.write(bundle(tmp_path / name, text), tmp_path / name / "sdk", f"client_{name}")

    folders = [str(tmp_path / name / "sdk" / f"client_{name}") for name in texts]
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--no-incremental", *folders]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert (checked.stdout.splitlines()[-1].partition(":")[0], checked.returncode) == ("Success", 0), checked.stdout


def test_names_that_differ_in_case_only_stay_apart(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "generate" / "cases" / "case_collision" / "openapi.yaml").read_text("utf-8")
    with generated(tmp_path, text) as package:
        models = importlib.import_module(f"{package.__name__}.models")
        api, _ = client(package, httpx.Response(200, json=[{"name": "a", "other": {"vid": 1}, "third": {"low": True}}]))

        assert api.vlans.list_vlans() == [models.Vlan(name="a", other=models.VLAN(vid=1), third=models.Vlan2(low=True))]
        assert models.VLan(dash=True).dash


def test_a_model_inside_a_type_that_msgspec_refuses_is_read(tmp_path: Path) -> None:
    text = """
paths:
  /files:
    get: {responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/File"}}}}}}
  /links:
    get: {responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Link"}}}}}}
components:
  schemas:
    Either: {oneOf: [{$ref: "#/components/schemas/Link"}, {$ref: "#/components/schemas/File"}]}
    File: {type: object, properties: {link: {$ref: "#/components/schemas/Link"}, of: {$ref: "#/components/schemas/Either"}}}
    Link: {type: object, properties: {file: {$ref: "#/components/schemas/File"}, id: {type: string}}}
"""
    with generated(tmp_path, text) as package:
        api, _ = client(package, httpx.Response(200, json={"link": {"id": "a", "file": {"link": {"id": "b"}}}}))
        assert api.files.get_files().link.file.link.id == "b"
        api, _ = client(package, httpx.Response(200, json={"id": "a", "file": {"of": {"id": "c"}}}))
        assert api.links.get_links().file.of.id == "c"
