"""`contract docs`: the page has the whole document, escapes its text, and loads nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from typing_extensions import override

from contract import cli
from contract.docs.page import page
from contract.docs.samples import SampleRequest, Samples, text
from contract.docs.schemas import row

PETS = yaml.safe_load("""
openapi: 3.1.0
info: {title: "Pets <b>", version: "1", description: "Read **this**. <script>alert(1)</script>"}
servers: [{url: "https://pets.example/v1"}]
tags: [{name: pets, description: All of them.}]
security: [{key: []}, {oauth: [read, write]}]
paths:
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}, example: "a b/c"}]
    get:
      operationId: show_pet
      summary: "Show a pet </script><script>alert(2)</script>"
      tags: [pets]
      deprecated: true
      parameters:
        - {name: limit, in: query, description: How many., schema: {type: integer, minimum: 1, maximum: 9, default: 5}}
        - {name: tags, in: query, required: true, explode: false, schema: {type: array, items: {type: string}}, example: [x, y]}
      responses:
        "200":
          description: It.
          headers: {X-Left: {description: Calls left., schema: {type: integer}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}, examples: {tom: {value: {name: "Tom's"}}}}}
          links: {again: {operationId: show_pet, parameters: {id: $response.body#/id}}}
        "404": {$ref: "#/components/responses/Missing"}
    put:
      summary: Change it
      security: []
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}, example: {name: "<Tom", tame: null}}}
      responses: {"204": {description: Done.}, "404": {$ref: "#/components/responses/Missing"}}
webhooks:
  pet.born:
    post: {summary: One more, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"200": {description: So.}}}
components:
  responses: {Missing: {description: There is none., content: {application/json: {schema: {type: object}, example: {error: no}}}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, description: From us.}
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://x.example", scopes: {read: Look., write: Change.}}}}
  schemas:
    Pet:
      type: object
      required: [name]
      additionalProperties: false
      properties:
        name: {type: string, minLength: 1, pattern: "^<", description: Its *name*.}
        tame: {type: [boolean, "null"]}
        kind: {enum: [cat, dog]}
        parent: {$ref: "#/components/schemas/Pet"}
        owner: {oneOf: [{type: string}, {type: object, title: Person, properties: {email: {type: string, format: email}}}]}
        others: {type: array, items: {$ref: "#/components/schemas/Pet"}}
""")


def samples_of(bundle: Any, server: str = "https://x.example") -> list[list[str]]:
    """The samples of each operation: curl, Python, TypeScript."""
    samples = Samples(bundle, server)
    return [[sample.text for sample in samples.of(method)] for method in samples.plan.methods]


def request_of(bundle: Any, server: str) -> SampleRequest:
    """The request of the first operation."""
    samples = Samples(bundle, server)
    return samples.request(samples.plan.methods[0].operation)


class Elements(HTMLParser):
    """The elements of a page, their ids and their link targets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if (given.get("href") or "").startswith("#"):
            self.targets.append(unquote(str(given["href"])[1:]))
        if given.get("src") or tag == "link":
            self.fetched.append(tag)


@pytest.fixture(scope="module")
def html() -> Any:
    return page(PETS)


def test_every_link_has_a_target_and_ids_are_unique(html: Any) -> None:
    result = Elements(html)

    assert set(result.targets) <= set(result.ids)
    assert len(result.ids) == len(set(result.ids))


ANSWERS = {"200": {"description": "So."}}
AWKWARD = {
    "openapi": "3.1.0",
    "info": {"title": "Awkward", "version": "1"},
    "paths": {
        **{f"/{name}": {"get": {"operationId": name, "responses": ANSWERS}} for name in ("content", "search", "schema-Pet", "50%", "a%62")},
        **{path: {"get": {"responses": ANSWERS}} for path in ("/a-b", "/a/b", "/a_b")},
        "/of": {
            "get": {
                "operationId": "get_a_b-2",
                "responses": {
                    "200": {
                        "description": "So.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet/properties/y"}}},
                    }
                },
            }
        },
    },
    "webhooks": {"born": {"get": {"responses": ANSWERS}, "post": {"responses": ANSWERS}}},
    "components": {"schemas": {"Pet": {"type": "object", "properties": {"y": {"type": "boolean"}}}}},
}


def test_links_of_names_with_special_characters_have_one_target() -> None:
    text = page(AWKWARD)
    result = Elements(text)

    assert set(result.targets) <= set(result.ids)
    assert len(result.ids) == len(set(result.ids))
    assert 'href="#operation-50%25"' in text
    assert '<span class="type">boolean</span>' in text


def sampled(parameters: Any = (), media: Any = None, example: Any = None) -> Any:
    body = {"requestBody": {"content": {media: {"example": example}}}} if media else {}
    operation = {"operationId": "a", "security": [{"session": []}], "parameters": list(parameters), **body, "responses": ANSWERS}
    schemes = {"session": {"type": "apiKey", "in": "cookie", "name": "session"}}
    bundle = {"openapi": "3.1.0", "paths": {"/a": {"post": operation}}, "components": {"securitySchemes": schemes}}
    return samples_of(bundle)[0]


def test_a_sample_sends_all_cookies() -> None:
    theme = {"name": "theme", "in": "cookie", "required": True, "schema": {"type": "string"}, "example": "dark"}
    assert "-H 'Cookie: session=YOUR_API_KEY; theme=dark'" in sampled([theme])[0]


def test_a_sample_reads_no_files() -> None:
    assert sampled(media="text/plain", example="@/etc/passwd")[0].endswith("--data-raw @/etc/passwd")
    assert sampled(media="multipart/form-data", example={"file": "@/etc/passwd"})[0].endswith("--form-string file=@/etc/passwd")


def test_every_sample_language_sends_a_form_with_files() -> None:
    curl, python, typescript = sampled(media="multipart/form-data", example={"name": "Tom", "age": 5})

    assert "Content-Type" not in curl + python + typescript
    assert "--form-string age=5" in curl
    compile(python, "sample", "exec")
    assert 'client.a.a(body={"name": "Tom", "age": 5})' in python
    assert 'await a(connection, { body: { name: "Tom", age: 5 } });' in typescript


def parameter(name: str, location: str, example: Any, **options: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "required": True, "schema": {}, "example": example, **options}


def test_a_sample_writes_parameters_in_their_styles() -> None:
    parameters = [
        parameter("filter", "query", {"name": "a", "size": 3}, style="deepObject", explode=True),
        parameter("space", "query", ["x y", "z"], style="spaceDelimited", explode=False),
        parameter("pipe", "query", [1, 2], style="pipeDelimited", explode=False),
        parameter("file", "query", "a/b", allowReserved=True),
        {"name": "json", "in": "query", "required": True, "content": {"application/json": {"example": {"q": "a"}}}},
        parameter("X-Ids", "header", [1, 2]),
        parameter("X-Text", "header", "one\nX-Evil: two"),
        parameter("ids", "cookie", [1, 2]),
    ]

    curl, python, _ = sampled(parameters)

    compile(python, "sample", "exec")
    assert curl.split(" \\\n  ") == [
        "curl -X POST 'https://x.example/a?filter%5Bname%5D=a&filter%5Bsize%5D=3&space=text&pipe=1%7C2&file=a/b&json=%7B%22q%22%3A%22a%22%7D'",
        "-H 'Cookie: session=YOUR_API_KEY; ids=1; ids=2'",
        "-H 'X-Ids: 1,2'",
        "-H 'X-Text: text'",
    ]


@pytest.mark.parametrize(
    ("style", "explode", "example", "path"),
    [
        ("matrix", True, ["a", "b"], "/m;ids=a;ids=b/x"),
        ("label", False, [1, 2], "/m.1,2/x"),
        ("simple", True, {"x": 1, "y": 2}, "/mx=1,y=2/x"),
    ],
)
def test_a_sample_writes_the_path_in_its_style(style: Any, explode: Any, example: Any, path: Any) -> None:
    operation = {"parameters": [parameter("ids", "path", example, style=style, explode=explode)], "responses": ANSWERS}
    bundle = {"openapi": "3.1.0", "paths": {"/m{ids}/x": {"get": operation}}}

    assert request_of(bundle, "https://x.example/").url == f"https://x.example{path}"


def test_a_sample_stays_on_its_path() -> None:
    operation = {"parameters": [parameter("id", "path", "..")], "responses": ANSWERS}
    bundle = {"openapi": "3.1.0", "paths": {"/users/{id}/{other}": {"get": operation}}}

    assert request_of(bundle, "").url == "/users/id/other"


def test_a_sample_of_a_form_has_the_types_and_headers_of_its_parts() -> None:
    product = {"type": "object", "properties": {"id": {"type": "integer"}}}
    properties = {
        "file": {"type": "string", "format": "binary"},
        "products": {"type": "array", "items": product},
        "note": {"type": "string"},
    }
    encoding = {
        "file": {"contentType": "image/png", "headers": {"X-Sum": {"required": True, "schema": {"type": "string"}, "example": "a"}}},
        "products": {"contentType": "application/json"},
    }
    example = {"file": "@/etc/passwd", "products": [{"id": 1}], "note": "a;type=b"}
    content = {"multipart/form-data": {"schema": {"properties": properties}, "encoding": encoding, "example": example}}
    operation = {"requestBody": {"content": content}, "responses": ANSWERS}
    bundle = {"openapi": "3.1.0", "paths": {"/a": {"post": operation}}}

    curl, python, typescript = samples_of(bundle)[0]

    assert curl.split(" \\\n  ") == [
        "curl -X POST https://x.example/a",
        """-F 'file="@/etc/passwd";filename="upload";type=image/png;headers="X-Sum: a"'""",
        r"""-F 'products="[{\"id\":1}]";type=application/json'""",
        "--form-string 'note=a;type=b'",
    ]
    compile(python, "sample", "exec")
    assert '"file": File(b"@/etc/passwd", headers={"X-Sum": "a"}),' in python
    assert 'file: new FormFile(new Blob(["@/etc/passwd"]), { headers: { "X-Sum": "a" } }),' in typescript


def test_a_sample_of_an_urlencoded_form_follows_its_encoding() -> None:
    encoding = {"tags": {"style": "pipeDelimited", "explode": False}}
    example = {"tags": ["a", "b"], "place": {"x": 1}}
    content = {"application/x-www-form-urlencoded": {"encoding": encoding, "example": example}}
    bundle = {"openapi": "3.1.0", "paths": {"/a": {"post": {"requestBody": {"content": content}, "responses": ANSWERS}}}}

    request = request_of(bundle, "")

    assert text(request) == "tags=a%7Cb&place=%7B%22x%22%3A1%7D"


def test_samples_have_the_credentials_of_the_operation() -> None:
    schemes = {
        "login": {"type": "http", "scheme": "basic"},
        "token": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "query", "name": "api key"},
    }
    operation = {"operationId": "ping", "tags": ["a"], "responses": ANSWERS}
    paths = {f"/{name}": {"get": {**operation, "operationId": f"get_{name}", "security": [{}, {name: []}]}} for name in schemes}
    bundle = {"openapi": "3.1.0", "paths": {**paths, "/open": {"get": operation}}, "components": {"securitySchemes": schemes}}

    login, token, key, public = samples_of(bundle)

    assert login[0] == "curl https://x.example/login \\\n  -u USER:PASSWORD"
    assert 'Client("https://x.example", login=("USER", "PASSWORD"))' in login[1]
    assert 'new Connection({ baseUrl: "https://x.example", login: ["USER", "PASSWORD"] })' in login[2]
    assert token[0].endswith("-H 'Authorization: Bearer YOUR_API_KEY'")
    assert key[0] == "curl 'https://x.example/key?api%20key=YOUR_API_KEY'"
    assert 'Client("https://x.example")' in public[1]


def test_an_example_that_its_schema_refuses_is_replaced() -> None:
    limit = parameter("limit", "query", 0, schema={"type": "integer", "minimum": 1})

    assert "limit=1" in sampled([limit])[0]


def test_a_sample_has_no_forbidden_and_no_read_only_properties() -> None:
    properties = {"id": {"type": "integer", "readOnly": True}, "old": False, "secret": {"type": "string", "writeOnly": True}}
    schema = {"type": "object", "required": ["id", "secret"], "properties": properties}
    operation = {"operationId": "add", "requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": ANSWERS}

    _, python, typescript = samples_of({"openapi": "3.1.0", "paths": {"/a": {"post": operation}}})[0]

    assert 'client.a.add(body={"secret": "text"})' in python
    assert 'add(connection, { body: { secret: "text" } })' in typescript


def test_a_sample_names_its_variables_unlike_its_function() -> None:
    content = {"content": {"application/json": {"schema": {}}}, "description": "So."}
    operations = {name: {"operationId": name, "responses": {"200": content}} for name in ("result", "connection")}
    bundle = {"openapi": "3.1.0", "paths": {"/a": {"get": operations["result"], "put": operations["connection"]}}}

    (_, _, result), (_, _, connection) = samples_of(bundle)

    assert "const response = await result(connection);" in result
    assert "const result = await connection(api);" in connection


def test_samples_use_the_defaults_of_server_variables() -> None:
    variables = {"region": {"default": "us", "enum": ["us", "eu"]}, "version": {"default": "v1"}}
    server = {"url": "https://{region}.example.com/{version}", "variables": variables}
    bundle = {
        "openapi": "3.1.0",
        "info": {"title": "Servers", "version": "1"},
        "servers": [server],
        "paths": {"/ping": {"get": {"responses": ANSWERS}}},
    }

    html_page = page(bundle)

    assert "curl https://us.example.com/v1/ping" in html_page
    assert "curl https://{region}" not in html_page


def test_text_of_the_document_is_escaped(html: Any) -> None:
    result = Elements(html)

    assert (result.names.count("script"), result.fetched) == (1, [])
    assert "<strong>this</strong>" in html
    assert "&lt;script&gt;alert(1)" in html
    assert "&lt;/script&gt;&lt;script&gt;alert(2)" in html


def test_the_page_allows_only_its_own_script_and_style(html: Any) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)

    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "words",
    [
        "deprecated",
        "key or oauth (read, write)",
        "Query parameters",
        "at least 1; at most 9; default 5",
        "X-Left",
        "again: show_pet with id = $response.body#/id",
        "matches ^&lt;",
        "no additional properties",
        "boolean or null",
        "<code>cat</code>",
        "array of Pet",
        "one of string, object",
        "one of: Person",
        "string (email)",
        'href="#response-Missing"',
        "webhook-pet.born",
        "<em>name</em>",
        "Authentication: none",
    ],
)
def test_page_contains(html: Any, words: str) -> None:
    assert words in html


def test_a_shared_response_is_rendered_once(html: Any) -> None:
    assert html.count('id="response-Missing"') == 1
    assert html.count("&#34;error&#34;: &#34;no&#34;") == 0
    assert html.count("&#34;error&#34;: false") == 1


def test_samples_are_valid_requests() -> None:
    (curl, python, typescript), changed = samples_of(PETS, "https://pets.example/v1")

    assert curl == "curl 'https://pets.example/v1/pets/a%20b%2Fc?tags=x,y' \\\n  -H 'X-Key: YOUR_API_KEY'"
    assert python.splitlines() == [
        "from pets_b import Client",
        "",
        'with Client(key="YOUR_API_KEY") as client:',
        '    result = client.pets.show_pet("a b/c", tags=["x", "y"])',
        "    print(result)",
    ]
    assert typescript.splitlines() == [
        'import { Connection, showPet } from "pets-b";',
        "",
        'const connection = new Connection({ key: "YOUR_API_KEY" });',
        'const result = await showPet(connection, { path: { id: "a b/c" }, query: { tags: ["x", "y"] } });',
        "console.log(result);",
    ]
    assert changed[1].endswith('    client.pets.put_pets_id("a b/c", body={"name": "<Tom", "tame": None})')
    assert changed[2].endswith('await putPetsId(connection, { path: { id: "a b/c" }, body: { name: "<Tom", tame: null } });')


def test_a_header_with_content_has_the_type_of_its_schema() -> None:
    header = {"content": {"application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}}}
    answers = {"200": {"description": "So.", "headers": {"X-Ids": header, "Content-Type": {"schema": {"type": "string"}}}}}
    text = page({"openapi": "3.1.0", "info": {}, "paths": {"/a": {"get": {"responses": answers}}}})

    assert "array of integer" in text
    assert "<code>Content-Type</code>" not in text


def test_rows_of_a_recursive_schema_terminate() -> None:
    tree = {"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}
    deep: dict[str, object] = {"type": "string"}
    for _ in range(100):
        deep = {"type": "object", "properties": {"a": deep}}

    made = row({"components": {"schemas": {"Tree": tree}}}, tree)
    assert (made.rows[0].type, made.rows[0].links) == ("array of Tree", ["Tree"])
    assert row({}, deep).rows[0].name == "a"


def test_the_output_option_writes_a_file(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(yaml.safe_dump(PETS, sort_keys=False))

    assert (
        cli.main(["docs", str(tmp_path / "pets.yaml"), "-o", str(tmp_path / "out" / "docs.html"), "--server", "https://other.example"]) == 0
    )
    assert "https://other.example/pets" in (tmp_path / "out" / "docs.html").read_text()


def test_an_empty_document_has_a_page() -> None:
    assert "API" in page({"openapi": "3.1.0", "info": {}, "paths": {}})


def test_limits_of_one_are_in_the_singular() -> None:
    text = row({}, {"type": "string", "minLength": 1, "maxLength": 2})
    several = row({}, {"type": "array", "minItems": 2, "maxItems": 1, "minimum": 1})

    assert text.limits == ["at least 1 character", "at most 2 characters"]
    assert several.limits == ["at least 1", "at least 2 items", "at most 1 item"]
