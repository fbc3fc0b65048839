"""`contract diff`: how schemas are matched and compared, the output of the command, and its response to unusable input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from contract.cli import main

CASES = Path(__file__).parent / "cases"
HEAD = "openapi: 3.1.0\ninfo: {title: Pets, version: 1.0.0}\n"
PETS = HEAD + dedent("""\
    paths:
      /pets:
        get:
          operationId: list_pets
          responses: {'200': {description: All., content: {application/json: {schema: {$ref: "#/components/schemas/Pets"}}}}}
        post:
          operationId: create_pet
          requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
          responses: {'201': {description: Made.}}
    components:
      schemas:
        Pets: {type: array, items: {$ref: "#/components/schemas/Pet"}}
        Pet:
          type: object
          required: [name]
          properties:
            name: {type: string, maxLength: 40}
            mother: {$ref: "#/components/schemas/Pet"}
    """)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The working folder of the command: a separate project."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.contract]\ndocument = "openapi.yaml"\n')
    return tmp_path


@pytest.fixture
def ids(folder: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """The ids and levels of the changes between two documents."""

    def run(base: str, revision: str) -> dict[str, str]:
        (folder / "base.yaml").write_text(base)
        (folder / "revision.yaml").write_text(revision)
        main(["diff", "base.yaml", "revision.yaml", "--format", "json"])
        return {change["id"]: change["level"] for change in json.loads(capsys.readouterr().out)["changes"]}

    return run


def body(schema: str, version: str = "3.1.0", info: str = "1.0.0", components: str = "{}") -> str:
    return dedent(f"""\
        openapi: {version}
        info: {{title: A, version: {info}}}
        paths: {{/a: {{put: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}}}}}}}
        components: {{schemas: {components}}}
        """)


def response_body(schema: str, components: str = "{}", info: str = "1.0.0") -> str:
    operation = f"{{responses: {{'200': {{description: A., content: {{application/json: {{schema: {schema}}}}}}}}}}}"
    return (
        f"openapi: 3.1.0\ninfo: {{title: A, version: {info}}}\npaths: {{/a: {{get: {operation}}}}}\ncomponents: {{schemas: {components}}}\n"
    )


def test_diff_prints_rule_locations_handler_and_next_version(
    folder: Any, golden: Callable[[Path, str], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(folder)
    (folder / "pyproject.toml").write_text('[tool.contract]\ndocument = "openapi.yaml"\nhandlers = "pet_handlers"\n')
    (folder / "pet_handlers").mkdir()
    (folder / "pet_handlers" / "__init__.py").write_text("")
    (folder / "pet_handlers" / "pets.py").write_text('"""Pets."""\n\n\ndef create_pet(): ...\n')
    (folder / "released").mkdir()
    (folder / "released" / "v1.yaml").write_text(PETS)
    (folder / "openapi.yaml").write_text(
        PETS.replace("maxLength: 40", "maxLength: 30").replace("    get:", "    get:\n      deprecated: true")
    )

    code = main(["diff"])

    assert code == 1
    golden(CASES / "text.txt", capsys.readouterr().out)
    main(["diff", "--format", "markdown"])
    golden(CASES / "changelog.md", capsys.readouterr().out)


def test_diff_of_identical_documents_is_empty(folder: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "openapi.yaml").write_text(PETS)

    code = main(["diff", "openapi.yaml", "openapi.yaml", "--fail-on", "INFO"])

    assert (code, capsys.readouterr().out) == (0, "0 breaking, 0 possibly breaking, 0 other changes\n")


def described(folder: Any, capsys: pytest.CaptureFixture[str], base: str, revision: str) -> str:
    """The text that the command prints for two documents."""
    (folder / "base.yaml").write_text(base)
    (folder / "revision.yaml").write_text(revision)
    main(["diff", "base.yaml", "revision.yaml", "--fail-on", "ERR"])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("", ", explode: false", "(form, explode: true -> form, explode: false)"),
        (", explode: false", ", style: pipeDelimited", "(form, explode: false -> pipeDelimited, explode: false)"),
        (
            ", style: spaceDelimited",
            ", style: spaceDelimited, explode: true",
            "(spaceDelimited, explode: false -> spaceDelimited, explode: true)",
        ),
    ],
)
def test_diff_tells_both_serializations(folder: Any, capsys: pytest.CaptureFixture[str], before: str, after: str, sentence: str) -> None:
    def document(style: str) -> str:
        parameter = f"{{in: query, name: q, schema: {{type: array, items: {{type: string}}}}{style}}}"
        return f"{HEAD}paths: {{/a: {{get: {{parameters: [{parameter}], responses: {{'204': {{description: A.}}}}}}}}}}\n"

    assert sentence in described(folder, capsys, document(before), document(after))


def test_a_text_that_becomes_a_list_is_repeated_only_in_queries(ids: Any) -> None:
    def document(schema: str) -> str:
        return body(schema).replace("application/json", "text/plain")

    changes = ids(document("{type: string}"), document("{type: array, items: {type: string}}"))

    assert changes["request-body-type-changed"] == "error"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{type: integer}", "{type: integer, minimum: 1, maximum: 5}", {"min-set", "max-set"}),
        ("{anyOf: [{type: string}, {type: integer}]}", "{type: boolean}", {"list-of-types-narrowed", "list-of-types-widened"}),
        ("{}", "{type: [string, 'null']}", {"type-changed"}),
        ("{type: 'null'}", "{type: string}", {"type-changed"}),
        ("{}", "{anyOf: [{type: string}, {type: integer}]}", {"any-of-added"}),
        ("{type: object, anyOf: [{type: object}]}", "{anyOf: [{type: object}, {type: string}]}", {"type-generalized", "any-of-added"}),
    ],
)
def test_each_change_of_a_schema_has_its_id(ids: Any, before: str, after: str, expected: set[str]) -> None:
    assert ids(body(before), body(after)).keys() - {"api-version-not-bumped"} == {f"request-body-{stem}" for stem in expected}


def test_diff_names_the_alternative_of_a_change(folder: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def document(type_: str) -> str:
        dog = f"{{type: object, title: Dog, required: [x], properties: {{bark: {{type: {type_}}}}}}}"
        branches = f"{{$ref: '#/components/schemas/Cat'}}, {dog}, {{type: array, items: {{type: {type_}}}}}"
        return body(f"{{oneOf: [{branches}]}}", components=f"{{Cat: {{type: object, properties: {{size: {{type: {type_}}}}}}}}}")

    text = described(folder, capsys, document("integer"), document("string"))

    assert [name in text for name in ("'Cat/size'", "'Dog/bark'", "'alternative/items'")] == [True] * 3


@pytest.mark.parametrize("length", [80, 81])
def test_diff_cuts_long_values(folder: Any, capsys: pytest.CaptureFixture[str], length: int) -> None:
    text = described(folder, capsys, body("{type: string, pattern: a}"), body(f"{{type: string, pattern: {'b' * length}}}"))

    assert f"(a -> {'b' * (80 if length == 80 else 77)}{'' if length == 80 else '...'})" in text


@pytest.mark.parametrize(
    ("branch", "name"), [("{$ref: '#/components/schemas/Cat'}", "Cat"), ("{type: object, title: Dog, minProperties: 1}", "Dog")]
)
def test_diff_names_the_removed_alternative(folder: Any, capsys: pytest.CaptureFixture[str], branch: str, name: str) -> None:
    components = "{Cat: {type: object, maxProperties: 2}, Cow: {type: object, maxProperties: 3}}"
    others = "{$ref: '#/components/schemas/Cow'}, {type: string}"
    whole, rest = (body(f"{{oneOf: [{branches}]}}", components=components) for branches in (f"{branch}, {others}", others))

    assert f"({name} -> none)" in described(folder, capsys, whole, rest)


@pytest.mark.parametrize(("level", "code"), [("ERR", 0), ("WARN", 1), ("INFO", 1)])
def test_diff_fails_at_the_given_level(folder: Any, level: str, code: int) -> None:
    (folder / "a.yaml").write_text(body("{type: integer}"))
    (folder / "b.yaml").write_text(body("{type: integer, maximum: 5}", info="2.0.0"))

    assert main(["diff", "a.yaml", "b.yaml", "--fail-on", level]) == code


@pytest.mark.parametrize(
    ("schema", "other"),
    [
        ("{type: string, nullable: true}", "{type: [string, 'null']}"),
        ("{type: integer, minimum: 1, exclusiveMinimum: true}", "{type: integer, exclusiveMinimum: 1}"),
    ],
)
def test_an_upgrade_from_3_0_to_3_1_is_not_a_change(ids: Any, schema: str, other: str) -> None:
    assert ids(body(schema, "3.0.3"), body(other)) == {}


def test_making_a_schema_nullable_is_one_change(ids: Any) -> None:
    result = ids(
        body("{$ref: '#/components/schemas/A'}", components="{A: {enum: [x]}}"),
        body("{oneOf: [{type: 'null'}, {enum: [x]}]}", info="2.0.0"),
    )

    assert result == {"request-body-became-nullable": "info", "api-schema-removed": "info"}


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("description: A.", {}),
        ("nullable: true", {"request-property-became-nullable": "info"}),
        ("deprecated: true", {"request-property-deprecated": "info"}),
    ],
)
def test_wrapping_a_reference_in_all_of_is_not_a_change(ids: Any, beside: str, expected: Any) -> None:
    base = body("{properties: {a: {$ref: '#/components/schemas/A'}}}", "3.0.3", components="{A: {type: string}}")
    wrapped = f"{{properties: {{a: {{allOf: [{{$ref: '#/components/schemas/A'}}], {beside}}}}}}}"

    assert ids(base, body(wrapped, "3.0.3", "2.0.0", "{A: {type: string}}")) == expected


def test_branches_are_matched_by_name_title_and_elimination(ids: Any) -> None:
    base = "{oneOf: [{$ref: '#/components/schemas/A'}, {title: T, minimum: 1}, {minLength: 1}]}"
    revision = "{oneOf: [{minLength: 2}, {title: T, minimum: 2}, {$ref: '#/components/schemas/A'}]}"

    result = ids(body(base, components="{A: {maxLength: 9}}"), body(revision, info="2.0.0", components="{A: {maxLength: 8}}"))

    assert result == {
        "request-property-min-increased": "error",
        "request-property-min-length-increased": "error",
        "request-property-max-length-decreased": "error",
    }


def test_webhook_bodies_are_compared_in_the_direction_of_responses(ids: Any) -> None:
    def hook(schema: str, info: str) -> str:
        operation = f"{{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}}}"
        return f"openapi: 3.1.0\ninfo: {{title: A, version: {info}}}\nwebhooks: {{a: {{post: {operation}}}}}\n"

    result = ids(
        hook("{required: [a], properties: {a: {type: string, maxLength: 5}}}", "1.0.0"),
        hook("{required: [b], properties: {a: {type: string, maxLength: 6}, b: {}}}", "2.0.0"),
    )

    assert result == {
        "request-property-became-optional": "error",
        "request-property-max-length-increased": "error",
        "new-required-request-property": "info",
    }


def test_siblings_of_a_reference_are_compared(ids: Any) -> None:
    result = ids(
        response_body("{$ref: '#/components/schemas/A'}", "{A: {type: string}}"),
        response_body("{$ref: '#/components/schemas/A', maxLength: 3}", "{A: {type: string}}", "2.0.0"),
    )
    back = ids(
        response_body("{$ref: '#/components/schemas/A', maxLength: 3}", "{A: {type: string}}"),
        response_body("{$ref: '#/components/schemas/A'}", "{A: {type: string}}", "2.0.0"),
    )

    assert (result, back) == ({}, {"response-body-max-length-unset": "error"})


@pytest.mark.parametrize(
    "alternatives",
    [
        "[{type: string, maxLength: 5}, {type: [number, 'null'], minimum: 0}]",
        "[{$ref: '#/components/schemas/Text', maxLength: 5}, {type: number, minimum: 0, description: A number.}, {type: 'null'}]",
    ],
)
def test_type_unions_equal_lists_of_types(ids: Any, alternatives: str) -> None:
    item = response_body("{type: [string, number, 'null'], maxLength: 5, minimum: 0}", "{Text: {type: string}}")
    several = response_body(f"{{anyOf: {alternatives}}}", "{Text: {type: string}}", "2.0.0")

    assert (ids(item, several), ids(several, item)) == ({}, {"api-version-decreased": "info"})


def test_a_changed_bound_in_a_type_union_is_reported(ids: Any) -> None:
    item = response_body("{type: [string, number], maxLength: 5}")
    several = response_body("{anyOf: [{type: string, maxLength: 6}, {type: number}]}", info="2.0.0")

    assert ids(item, several) == {"response-body-max-length-increased": "error"}


def test_a_branch_with_another_description_or_extension_is_unchanged(ids: Any) -> None:
    branches = "{allOf: [{description: %s, x-note: 1, not: {required: [a]}}, {not: {required: [b]}}]}"

    assert ids(body(branches % "One."), body(branches.replace("x-note: 1", "x-note: 2") % "Two.", info="1.0.1")) == {}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_a_branch_with_a_renamed_component_is_unchanged(ids: Any, keyword: str) -> None:
    base, renamed = (f"{{{keyword}: [{{$ref: '#/components/schemas/{name}'}}, {{maximum: 3}}]}}" for name in ("A", "B"))
    base = response_body(base, "{A: {type: string, maxLength: 5}}")
    renamed = response_body(renamed, "{B: {type: string, maxLength: 5}}", "1.0.1")

    assert ids(base, renamed) == {"api-schema-removed": "info"}


def test_property_names_are_strings_with_and_without_a_type(ids: Any) -> None:
    plain = body("{type: object, propertyNames: {maxLength: 5}}")
    typed = body("{type: object, propertyNames: {type: string, maxLength: 5}}", info="2.0.0")

    assert (ids(plain, typed), ids(typed, plain)) == ({}, {"api-version-decreased": "info"})


def test_a_false_schema_differs_from_an_absent_schema(ids: Any) -> None:
    reference = "{$ref: '#/components/schemas/A'}"

    for shape in ("true", "{type: object}", "{}"):
        narrowed = ids(body(reference, components=f"{{A: {shape}}}"), body(reference, components="{A: false}", info="2.0.0"))
        opened = ids(response_body(reference, "{A: false}"), response_body(reference, f"{{A: {shape}}}", "2.0.0"))

        assert narrowed["request-body-not-added"] == "error"
        assert "response-body-not-removed" in opened
    assert ids(body(reference, components="{A: {}}"), body(reference, components="{A: true}", info="2.0.0")) == {}


def test_recursive_schemas_terminate(ids: Any) -> None:
    circle = "{A: {properties: {b: {$ref: '#/components/schemas/B'}}}, B: {%s properties: {a: {$ref: '#/components/schemas/A'}}}}"

    result = ids(
        response_body("{$ref: '#/components/schemas/A'}", circle % "minProperties: 2,"),
        response_body("{$ref: '#/components/schemas/A'}", circle % "minProperties: 1,", "2.0.0"),
    )

    assert result == {"response-property-min-properties-decreased": "error"}


def test_a_recursive_callback_terminates(ids: Any) -> None:
    text = HEAD + dedent("""\
        paths: {/a: {$ref: "#/components/pathItems/A"}}
        components:
          pathItems:
            A: {post: {tags: [%s], callbacks: {again: {"{$request.body#/url}": {$ref: "#/components/pathItems/A"}}}}}
        """)

    assert ids(text % "x", text % "y") == {"api-tag-removed": "info", "api-tag-added": "info", "api-version-not-bumped": "info"}


def test_accepted_findings_are_listed_but_do_not_fail(folder: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.yaml").write_text(body("{type: integer}"))
    (folder / "b.yaml").write_text(body("{type: string}", info="2.0.0"))
    (folder / "diff.yaml").write_text(
        "accept:\n"
        "  - {rule: request-body-type-changed, at: PUT /a, reason: Nobody ever sent a number.}\n"
        "  - {rule: webhook-removed, at: /webhooks/a, reason: It was never called.}\n"
    )

    code = main(["diff", "a.yaml", "b.yaml"])

    output = capsys.readouterr()
    assert code == 0
    assert "accepted: Nobody ever sent a number." in output.out
    assert output.err == "diff.yaml accepts webhook-removed at /webhooks/a, which no longer occurs\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "broken.yaml:1:1: the document is empty"),
        ("openapi: 3.1.0\n\tinfo: 1", "broken.yaml:2:1: a tab cannot indent YAML"),
        ("swagger: '2.0'", "broken.yaml:1:1: the version '2.0' is not supported"),
        (
            body("{$ref: '#/components/schemas/Pat'}", components="{Pet: {}}"),
            "broken.yaml:3:72: broken.yaml has no /components/schemas/Pat",
        ),
        (body("{$ref: '#/components/schemas/A'}", components="{A: {$ref: '#/components/schemas/A'}}"), "leads back to itself"),
    ],
)
def test_an_unreadable_document_is_one_line_and_exit_code_2(
    folder: Any, capsys: pytest.CaptureFixture[str], text: Any, sentence: str
) -> None:
    (folder / "openapi.yaml").write_text(PETS)
    (folder / "broken.yaml").write_text(text)

    code = main(["diff", "openapi.yaml", "broken.yaml"])

    error = capsys.readouterr().err
    assert (code, error.count("\n")) == (2, 1)
    assert sentence in error


@pytest.mark.parametrize("arguments", [["gone.yaml", "openapi.yaml"], ["openapi.yaml"], ["a", "b", "c"]])
def test_missing_documents_are_one_line_and_exit_code_2(folder: Any, capsys: pytest.CaptureFixture[str], arguments: Any) -> None:
    (folder / "openapi.yaml").write_text(PETS)

    assert main(["diff", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("accepted", ["accept: 5", "accept:\n  - {rule: no-such-rule, at: /, reason: A good long reason.}", "accept: [5]"])
def test_an_invalid_diff_yaml_is_one_line_and_exit_code_2(folder: Any, capsys: pytest.CaptureFixture[str], accepted: str) -> None:
    (folder / "openapi.yaml").write_text(PETS)
    (folder / "diff.yaml").write_text(accepted)

    assert main(["diff", "openapi.yaml", "openapi.yaml"]) == 2
    assert capsys.readouterr().err.startswith("diff.yaml:")


@pytest.mark.parametrize(
    "part",
    [
        "paths: []",
        "paths: {/a: {get: 5, put: {parameters: 5, responses: [], tags: {}, security: x, callbacks: 1}}}",
        "paths: {/a: {put: {parameters: [{}, 3, {in: [], name: {}, schema: []}], requestBody: {content: {a/b: {schema: 7}}}}}}",
        "components: {schemas: {Pet: {type: [3, {}], enum: 5, required: {a: 1}, allOf: {}, properties: [], pattern: [], x-sunset: []}}}",
        "components: 5",
        "info: 5",
    ],
)
def test_parts_of_the_wrong_type_are_treated_as_absent(ids: Any, part: str) -> None:
    name = part.split(":", maxsplit=1)[0]
    kept = "\n".join(line for line in body("{}").splitlines() if not line.startswith(name))

    ids(PETS, f"{kept}\n{part}\n")
    ids(f"{kept}\n{part}\n", PETS)
