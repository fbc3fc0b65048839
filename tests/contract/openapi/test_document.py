"""Reading documents: one bundle of many files with the location of every part, and one message for a file that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contract.cli import main
from contract.errors import ContractError
from contract.openapi.document import load, read

HEAD = 'openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\n'


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write files, by relative path, into an empty working folder; return the path of the first."""
    monkeypatch.chdir(tmp_path)

    def write(files: dict[str, str | bytes]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / next(iter(files))

    return write


MANY_FILES = {
    "openapi.yaml": HEAD
    + """paths:
  /pets: {$ref: "paths/pets.yaml#/pets"}
  /pets/{pet_id}: {$ref: "paths/pets.yaml#/pet"}
components:
  schemas:
    Animal: {$ref: "schemas/pets.yaml#/Beast"}
    Kept: {type: string}
""",
    "paths/pets.yaml": """pets:
  get:
    parameters: [{$ref: "../shared.yaml#/Page"}]
    responses:
      200: {$ref: "../schemas/pets.yaml#/PetPage"}
pet:
  get:
    responses:
      "200":
        description: A pet.
        content:
          application/json:
            schema: {$ref: "../schemas/pets.yaml#/Pet"}
            example: {$ref: data, born: 2020-01-31}
""",
    "schemas/pets.yaml": """PetPage:
  description: Pets.
  content:
    application/json:
      schema: {type: array, items: {$ref: "#/Pet"}}
Pet:
  type: object
  properties:
    mother: {$ref: "#/Pet"}
    beast: {$ref: "#/Beast"}
    kept: {$ref: "../openapi.yaml#/components/schemas/Kept"}
Beast:
  oneOf: [{$ref: "#/Pet"}]
  discriminator: {propertyName: kind, mapping: {pet: "#/Pet", kept: Kept}}
""",
    "shared.yaml": "Page: {name: page, in: query, schema: {type: integer}}\n",
}


def test_bundle_has_only_local_references(written: Any) -> None:
    bundle = load(written(MANY_FILES)).bundle

    assert bundle["paths"]["/pets"]["get"] == {
        "parameters": [{"$ref": "#/components/parameters/Page"}],
        "responses": {"200": {"$ref": "#/components/responses/PetPage"}},
    }
    assert list(bundle["components"]) == ["schemas", "responses", "parameters"]
    assert bundle["components"]["schemas"] == {
        "Animal": {
            "oneOf": [{"$ref": "#/components/schemas/Pet"}],
            "discriminator": {"propertyName": "kind", "mapping": {"pet": "#/components/schemas/Pet", "kept": "Kept"}},
        },
        "Kept": {"type": "string"},
        "Pet": {
            "type": "object",
            "properties": {
                "mother": {"$ref": "#/components/schemas/Pet"},
                "beast": {"$ref": "#/components/schemas/Animal"},
                "kept": {"$ref": "#/components/schemas/Kept"},
            },
        },
    }


def test_bundle_keeps_data_unchanged(written: Any) -> None:
    media = load(written(MANY_FILES)).bundle["paths"]["/pets/{pet_id}"]["get"]["responses"]["200"]["content"]["application/json"]

    assert media["example"] == {"$ref": "data", "born": "2020-01-31"}


@pytest.mark.parametrize(
    ("pointer", "location"),
    [
        ("/info/title", "openapi.yaml:2:8"),
        ("/paths/~1pets", "openapi.yaml:4:3"),
        ("/paths/~1pets/get", "paths/pets.yaml:2:3"),
        ("/paths/~1pets~1{pet_id}/get/responses/200/description", "paths/pets.yaml:10:9"),
        ("/components/schemas/Pet", "schemas/pets.yaml:6:1"),
        ("/components/schemas/Animal", "schemas/pets.yaml:12:1"),
        ("/components/schemas/Animal/oneOf/0/$ref", "schemas/pets.yaml:13:12"),
        ("/components/schemas/Animal/discriminator/mapping/pet", "schemas/pets.yaml:14:49"),
        ("/components/parameters/Page/schema", "shared.yaml:1:31"),
        ("/components/schemas/Pet/properties/nothing/here", "schemas/pets.yaml:8:3"),
        ("", "openapi.yaml:1:1"),
    ],
)
def test_locations_survive_bundling(written: Any, pointer: str, location: str) -> None:
    assert str(load(written(MANY_FILES)).location(pointer)) == location


def test_bundle_is_deterministic_and_idempotent(written: Any, tmp_path: Path) -> None:
    path = written(MANY_FILES)

    main(["bundle", str(path), "-o", "first.json"])
    main(["bundle", str(path), "-o", "second.yaml"])
    main(["bundle", "second.yaml", "-o", "third.json"])

    assert (tmp_path / "first.json").read_bytes() == (tmp_path / "third.json").read_bytes()


def test_bundle_goes_to_standard_output(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", str(written(MANY_FILES))]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"] == "3.1.0"


def test_bundle_reports_an_output_path_that_cannot_be_written(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", str(written(MANY_FILES)), "-o", "no/such/folder.json"]) == 2
    assert capsys.readouterr().err == "no/such/folder.json: cannot be written: No such file or directory\n"


def test_components_of_one_name_get_numbers_in_order_of_use(written: Any) -> None:
    use = '{$ref: "%s.yaml#/Page"}'
    files = {
        "openapi.yaml": HEAD
        + f"paths: {{}}\ncomponents: {{schemas: {{B: {use % 'b'}, Page: {{}}, C: {{items: {use % 'a'}}}, D: {{items: {use % 'c'}}}}}}}\n"
    }
    files |= {f"{name}.yaml": f"Page: {{title: {name}}}\n" for name in "abc"}

    document = load(written(files))

    assert {name: schema.get("title") for name, schema in document.bundle["components"]["schemas"].items()} == {
        "B": "b",
        "C": None,
        "D": None,
        "Page": None,
        "Page_2": "a",
        "Page_3": "c",
    }
    assert document.renamed == ["/components/schemas/Page_2", "/components/schemas/Page_3"]


def test_one_name_in_two_sections_does_not_clash(written: Any) -> None:
    root = HEAD + 'paths: {/x: {get: {parameters: [{$ref: "x.yaml#/Page"}], responses: {"200": {$ref: "y.yaml#/Page"}}}}}\n'
    files = {"openapi.yaml": root, "x.yaml": "Page: {name: p, in: query, schema: {}}\n", "y.yaml": "Page: {description: P.}\n"}

    components = load(written(files)).bundle["components"]

    assert components == {"parameters": {"Page": {"name": "p", "in": "query", "schema": {}}}, "responses": {"Page": {"description": "P."}}}


def test_included_json_has_locations(written: Any) -> None:
    files = {
        "openapi.yaml": HEAD + 'paths: {}\ncomponents: {schemas: {A: {items: {$ref: "b.json#/Pet"}}}}\n',
        "b.json": '{\n\t"Pet": {"title": "\\ud83d\\ude00", "enum": ["a",\n\t\t"b"]}\n}\n',
    }

    document = load(written(files))

    assert document.bundle["components"]["schemas"]["Pet"]["title"] == "😀"
    assert str(document.location("/components/schemas/Pet/enum/1")) == "b.json:3:3"


def test_yaml_is_read_with_the_types_of_json(written: Any) -> None:
    text = """paths: {}
x-a: &a {one: 1, two: 2}
x-b: {<<: *a, two: 3}
x-c: [*a, yes, on, 010, 1e3, ~, 2020-01-01, 0x10, 12:30]
x-d: {200: a, true: b}
"""

    bundle = load(written({"openapi.yaml": HEAD + text})).bundle

    assert bundle["x-b"] == {"two": 3, "one": 1}
    assert bundle["x-c"] == [{"one": 1, "two": 2}, "yes", "on", 10, 1000.0, None, "2020-01-01", 16, "12:30"]
    assert bundle["x-d"] == {"200": "a", "true": "b"}


def test_a_3_0_document_becomes_3_1(written: Any) -> None:
    schemas = """
    A: {type: string, nullable: true, example: a}
    B: {type: number, minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false}
    C: {nullable: true, allOf: [{$ref: "#/components/schemas/A"}]}
    D: {nullable: true, oneOf: [{$ref: "#/components/schemas/A"}]}
    E: {properties: {a: {$ref: "#/components/schemas/A", nullable: true, description: An a.}}}
"""
    document = load(written({"openapi.yaml": HEAD.replace("3.1.0", "3.0.3") + "paths: {}\ncomponents:\n  schemas:" + schemas}))

    a = {"$ref": "#/components/schemas/A"}
    assert document.version == "3.0.3"
    assert document.bundle["openapi"] == "3.1.0"
    assert document.bundle["components"]["schemas"] == {
        "A": {"type": ["string", "null"], "examples": ["a"]},
        "B": {"type": "number", "exclusiveMinimum": 1, "maximum": 9},
        "C": {"anyOf": [{"allOf": [a]}, {"type": "null"}]},
        "D": {"oneOf": [a, {"type": "null"}]},
        "E": {"properties": {"a": {**a, "description": "An a."}}},
    }
    assert str(document.location("/components/schemas/A/examples/0")) == "openapi.yaml:6:39"


BAD = {
    "empty": ("", "1:1: the document is empty"),
    "only a comment": ("# nothing", "1:1: the document is empty"),
    "a list": ("- 1", "1:1: an OpenAPI document is a mapping"),
    "no version": ("info: {}", "1:1: the field 'openapi' is missing, so this is not an OpenAPI document"),
    "2.0": ('swagger: "2.0"', "1:1: the version '2.0' is not supported, write a string such as '3.1.0' or '3.0.4'"),
    "3.2": ("openapi: 3.2.0", "1:1: the version '3.2.0' is not supported, write a string such as '3.1.0' or '3.0.4'"),
    "a number": ("openapi: 3.1", "1:1: the version 3.1 is not supported, write a string such as '3.1.0' or '3.0.4'"),
    "key twice": (HEAD + "paths: {}\npaths: {}", "4:1: the key 'paths' is written twice, first on line 3"),
    "tab": (HEAD + "paths:\n\t/x: {}", "4:1: a tab cannot indent YAML, use spaces"),
    "two documents": (HEAD + "---\na: 1", "3:1: a second document starts here, one file holds one"),
    "alias in itself": (HEAD + "x-a: &a [*a]", "3:10: the alias *a is used inside its own anchor"),
    "deep": ("[" * 50_000 + "]" * 50_000, "1:1: this is nested too deeply"),
    "bomb": (
        "a: &a ["
        + "1," * 99
        + "1]\n"
        + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 99)}]\n" for old, new in zip("abc", "bcd", strict=True)),
        "4:11: the document has more than 2,000,000 values",
    ),
    "huge number": (HEAD + "x-a: 1e999", "3:6: the number is too large"),
    "tag": (HEAD + "x-a: !color red", "3:6: the tag !color has no meaning in JSON"),
    "key that is a list": (HEAD + "? [a]\n: b", "3:3: a key must be a string"),
    "not UTF-8": (b"openapi: 3.1.0\nx-a: \xff", "2:1: this is not UTF-8"),
    "unclosed": (HEAD + 'x-a: "b', "3:6: this is not YAML: found unexpected end of stream"),
    "broken reference": (
        HEAD + 'components: {schemas: {Pet: {}, A: {$ref: "#/components/schemas/Pets"}}}',
        "3:37: openapi.yaml has no /components/schemas/Pets, did you mean 'Pet'?",
    ),
    "no such file": (HEAD + 'paths: {/x: {$ref: "x.yaml#/x"}}', "3:14: the reference 'x.yaml#/x' names a file that does not exist"),
    "far away": (
        HEAD + 'paths: {/x: {$ref: "https://pets.test/x"}}',
        "3:14: the reference 'https://pets.test/x' is remote; keep a copy beside the document",
    ),
    "anchor": (
        HEAD + 'components: {schemas: {A: {$ref: "#a"}}}',
        "3:28: the reference '#a' names an anchor, write a pointer that starts with #/",
    ),
    "circle": (
        HEAD + 'components: {schemas: {A: {$ref: "#/components/schemas/B"}, B: {$ref: "#/components/schemas/A"}}}',
        "3:28: the reference '#/components/schemas/B' leads back to itself",
    ),
    "the document": (HEAD + 'components: {schemas: {A: {$ref: "#/"}}}', "3:28: the reference '#/' names the whole document"),
    "circle of paths": (HEAD + 'paths: {/x: {$ref: "#/paths/~1x"}}', "3:14: the reference '#/paths/~1x' leads back to itself"),
    "paths are a list": (HEAD + "paths: []", "3:1: [] is not of type 'object'"),
    "schema is text": (HEAD + "components: {schemas: {A: text}}", "3:24: 'text' is not of types 'boolean', 'object'"),
    "wrong keyword": (HEAD + "components: {schemas: {A: {minLength: x}}}", "3:28: 'x' is not of type 'integer'"),
}


@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD)
def test_load_errors_have_the_location(written: Any, text: Any, sentence: Any) -> None:
    path = written({"openapi.yaml": text})

    with pytest.raises(ContractError) as refused:
        load(path)

    assert str(refused.value) == f"openapi.yaml:{sentence}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1,\n\t"a": 2}', "2:2: the key 'a' is written twice, first on line 1"),
        ('{"a":\t1,\n "b": "\\ud83d\\ude00 \\ud83d"}', "2:2: half of a surrogate pair is not a character (RFC 8259, section 8.2)"),
        ('{"a":\t"\\ude00"}', "1:2: half of a surrogate pair is not a character (RFC 8259, section 8.2)"),
        ('{"a":\n  [1,,2]}', "2:6: this is not JSON: Expecting value"),
        ('{"a": NaN}', "1:1: this is not JSON: NaN is not a number of JSON"),
        ("[" * 100_000, "1:1: this is nested too deeply"),
    ],
)
def test_json_errors_have_the_location(written: Any, text: str, sentence: str) -> None:
    path = written({"openapi.json": text})

    with pytest.raises(ContractError) as refused:
        load(path)

    assert str(refused.value) == f"openapi.json:{sentence}"


def test_load_refuses_a_path_that_is_not_a_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(ContractError, match="cannot be read"):
            load(path)


def test_read_accepts_an_invalid_document(written: Any) -> None:
    assert read(written({"openapi.yaml": HEAD + "paths: []"})).bundle["paths"] == []
