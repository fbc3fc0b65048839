from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from misarmail_server.db import tables
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import WELCOME


def create(api: Any, **changed: Any) -> Any:
    answer = api.post("/api/v1/templates", json=WELCOME | changed)
    assert answer.status_code == 200, answer.json
    return answer.json["template"]


def test_create_template_answers_as_in_the_seed_document(api: Api) -> None:
    answer = api.post("/api/v1/templates", json=WELCOME)

    template = answer.json["template"]
    assert answer.json["success"] is True
    assert template.keys() == {"id", "name", "subject", "category", "created_at"}
    assert template["id"].startswith("tpl_")
    assert template["created_at"].endswith("Z")
    assert (template["name"], template["category"]) == ("Welcome Email", "onboarding")


def test_create_template_takes_the_published_camel_case(api: Api) -> None:
    created = api.post("/api/v1/templates", json={"name": "A", "subject": "S", "bodyHtml": "<p>H</p>", "bodyText": "T"}).json["template"]

    template = api.get(f"/api/v1/templates/{created['id']}").json["template"]
    assert (template["body_html"], template["body_text"]) == ("<p>H</p>", "T")


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"name": None}, "name", "Must be text"),
        ({"name": ""}, "name", "Must have at least 1 character"),
        ({"name": "x" * 201}, "name", "Must have at most 200 characters"),
        ({"name": "a\nb"}, "name", "Must be one line without control characters"),
        ({"subject": 7}, "subject", "Must be text"),
        ({"subject": "Hi\r\nBcc: x@example.com"}, "subject", "Must be one line without control characters"),
        ({"body_html": "x" * 500_001}, "body_html", "Must have at most 500000 characters"),
        ({"body_text": None}, "body_text", "Must be text"),
        ({"body_text": "a\0b"}, "body_text", "Must not contain NUL characters"),
        ({"category": ["a"]}, "category", "Must be text"),
        ({"bodyHtml": "<p></p>"}, "body_html", "Is required"),
        ({"bodyText": "x"}, "body_text", "Give body_text or bodyText, not both"),
    ],
)
def test_create_template_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str, sentence: str) -> None:
    refused = api.post("/api/v1/templates", json=WELCOME | changed)

    assert (refused.status_code, refused.json["error"]) == (400, "Validation failed")
    assert refused.json["details"]["fieldErrors"] == {field: [sentence]}
    assert make.count(tables.Template) == 0


def test_create_template_names_every_missing_field(api: Api) -> None:
    refused = api.post("/api/v1/templates", json={})

    required = ["Is required"]
    assert refused.json["details"] == {"fieldErrors": {"name": required, "subject": required, "body_html": required}, "formErrors": []}


def test_create_template_refuses_the_eleventh_on_the_free_plan(platform: Platform) -> None:
    api = platform.api(account_id=platform.make.account(plan="free"))
    for number in range(10):
        create(api, name=f"Template {number}")

    refused = api.post("/api/v1/templates", json=WELCOME)

    assert (refused.status_code, refused.json["code"], refused.json["error"]) == (
        403,
        "plan_limit_exceeded",
        "The Free plan allows 10 templates",
    )
    assert refused.json["upgrade"]["usage"] == {"used": 10, "limit": 10, "remaining": 0, "period": "total", "resets_at": None}
    assert refused.headers["X-Misar-Plan"] == "free"
    assert api.get("/api/v1/templates").json["total"] == 10


def test_list_templates_is_newest_first_and_without_bodies(api: Api) -> None:
    first, second = create(api, name="First"), create(api, name="Second")

    page = api.get("/api/v1/templates").json

    assert [template["id"] for template in page["templates"]] == [second["id"], first["id"]]
    assert page["templates"][0].keys() == {"id", "name", "subject", "category", "created_at", "updated_at"}
    assert (page["total"], page["page"], page["limit"]) == (2, 1, 20)


def test_list_templates_pages_and_ends_in_an_empty_page(api: Api) -> None:
    made = [create(api, name=f"Template {number}")["id"] for number in range(3)]

    pages = [api.get(f"/api/v1/templates?page={page}&limit=2").json for page in (1, 2, 3)]

    assert [[template["id"] for template in page["templates"]] for page in pages] == [[made[2], made[1]], [made[0]], []]
    assert {page["total"] for page in pages} == {3}


@pytest.mark.parametrize(
    "query", ["page=0", "limit=0", "limit=101", "page=x", "page=", "page=1&page=2", "limit=1e1", "search=", "category=%00"]
)
def test_list_templates_refuses_a_bad_query(api: Api, query: str) -> None:
    refused = api.get(f"/api/v1/templates?{query}")

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [query.partition("=")[0]])


def test_list_templates_filters_by_category_and_words(api: Api) -> None:
    create(api, name="Welcome", category="onboarding")
    create(api, name="100% off", subject="Spring_sale", category="marketing")

    def names(query: Any) -> Any:
        return [template["name"] for template in api.get(f"/api/v1/templates?{query}").json["templates"]]

    assert names("category=marketing") == ["100% off"]
    assert names("search=WELCOME") == ["Welcome"]
    assert names("search=sale+100%25") == ["100% off"]
    assert names("search=%25") == ["100% off"]
    assert names("search=_sale") == ["100% off"]
    assert names("search=x_sale") == []


def test_get_template_answers_the_whole_with_its_tags(api: Api) -> None:
    created = create(api, body_text="{{ first_name | there }} {{contact.company}} {{{raw}}}")

    template = api.get(f"/api/v1/templates/{created['id']}").json["template"]

    assert template["body_html"] == WELCOME["body_html"]
    assert template["variables"] == ["company_name", "first_name", "contact.company", "raw"]
    assert template["created_at"] == template["updated_at"]


def refusal(answer: Any) -> Any:
    return answer.status_code, answer.json["details"]["fieldErrors"]


@pytest.mark.parametrize("field", ["subject", "body_html", "body_text"])
def test_create_and_update_template_refuse_a_section_that_is_not_closed(api: Api, field: str) -> None:
    expected = (400, {field: ["{{#open}} is not closed (line 1, column 4)"]})
    created = create(api)

    assert refusal(api.post("/api/v1/templates", json={**WELCOME, field: "Hi {{#open}}"})) == expected
    assert refusal(api.patch(f"/api/v1/templates/{created['id']}", json={field: "Hi {{#open}}"})) == expected


def test_template_stored_with_an_open_section_is_shown_and_refused_where_it_is_used(api: Api, make: Make) -> None:
    created = create(api)
    change = update(tables.Template).values(subject="{{#open}}")
    make.store.write(lambda connection: connection.execute(change).rowcount)

    assert api.get(f"/api/v1/templates/{created['id']}").json["template"]["variables"][0] == "open"
    options = {"from": {"email": "hello@example.com"}, "to": [{"email": "user@example.com"}], "template_id": created["id"]}
    assert refusal(api.post("/api/v1/send", json=options)) == (400, {"variables": ["{{#open}} is not closed (line 1, column 1)"]})


def test_send_leaves_the_unsubscribe_link_of_a_marketing_template_to_the_delivery(api: Api) -> None:
    template = create(api, subject="Hi", body_html='<a href="{{unsubscribe_url}}">leave</a>', body_text="")
    options = {"from": {"email": "hello@example.com"}, "to": [{"email": "user@example.com"}], "template_id": template["id"]}

    def body(**changed: Any) -> Any:
        message_id = api.post("/api/v1/send", json={**options, **changed}).json["message_id"]
        with api.make.store.read() as connection:
            return connection.scalar(select(tables.Message.body_html).where(tables.Message.id == message_id))

    assert body(stream="marketing") == '<a href="{{unsubscribe_url}}">leave</a>'
    assert body(stream="marketing", variables={"unsubscribe_url": "https://own.example"}) == '<a href="https://own.example">leave</a>'
    assert body(stream="transactional") == '<a href="">leave</a>'


def test_update_template_changes_only_the_given_fields(api: Api) -> None:
    created = create(api)

    changed = api.patch(f"/api/v1/templates/{created['id']}", json={"name": "Renamed"}).json["template"]

    assert (changed["name"], changed["subject"], changed["category"]) == ("Renamed", WELCOME["subject"], "onboarding")
    assert api.get(f"/api/v1/templates/{created['id']}").json["template"] == changed


def test_update_template_takes_optional_parts_away_with_null(api: Api) -> None:
    created = create(api)

    changed = api.patch(f"/api/v1/templates/{created['id']}", json={"body_text": None, "category": None}).json["template"]

    assert (changed["body_text"], changed["category"]) == (None, None)


@pytest.mark.parametrize(
    "change", [{"name": None}, {"id": "tpl_1"}, {"body_html": "", "subject": "x"}, {"body_html": "a", "bodyHtml": "a"}]
)
def test_update_template_refuses_a_bad_change_whole(api: Api, change: Any) -> None:
    created = create(api)

    refused = api.patch(f"/api/v1/templates/{created['id']}", json=change)

    assert refused.status_code == 400
    assert api.get(f"/api/v1/templates/{created['id']}").json["template"]["subject"] == WELCOME["subject"]


def test_delete_template_is_refused_the_second_time(api: Api) -> None:
    created = create(api)

    first = api.delete(f"/api/v1/templates/{created['id']}")
    second = api.delete(f"/api/v1/templates/{created['id']}")

    assert (first.status_code, first.json) == (200, {"success": True, "id": created["id"]})
    assert (second.status_code, second.json["error"]) == (404, f"There is no template {created['id']}")


def test_delete_template_accepts_the_content_type_clients_send(api: Api) -> None:
    created = create(api)

    answer = api.delete(f"/api/v1/templates/{created['id']}", headers={"Content-Type": "application/json"})

    assert answer.status_code == 200


def render(api: Any, values: Any, key: str = "contact", **template: Any) -> Any:
    created = create(api, **template)
    return api.post("/api/v1/templates/render", json={"template_id": created["id"], key: values})


def test_render_template_answers_as_in_the_seed_document(api: Api) -> None:
    values = {"first_name": "Gulshan", "last_name": "Yadav", "email": "gulshan@example.com", "company_name": "G1 Technologies"}

    rendered = render(api, values).json

    assert rendered == {
        "success": True,
        "subject": "Welcome to G1 Technologies, Gulshan!",
        "body_html": "<h1>Hi Gulshan,</h1><p>Welcome aboard!</p>",
        "body_text": "Hi Gulshan, Welcome aboard!",
    }


NUMBERS = {"n": 0, "f": 1.50, "t": True, "z": None, "big": 9007199254740991}
ORDER = {"items": [{"name": "Cup", "qty": 2}], "note": "line 1\nline 2"}


@pytest.mark.parametrize(
    ("html", "values", "expected"),
    [
        ("{{a}}", {}, ""),
        ("{{a}}", {"a": None}, ""),
        ("{{ a }}", {"a": "x"}, "x"),
        ("{{a}}", {"a": "<b>&"}, "&lt;b&gt;&amp;"),
        ("{{{a}}}", {"a": "<b>"}, "<b>"),
        ("{{a|there}}", {}, "there"),
        ("{{a.b}}", {"a": {"b": 3}}, "3"),
        ("{{a}}", {"a": True}, "true"),
        ("{{a}}", {"a": "{{b}}", "b": "x"}, "{{b}}"),
        (
            "{{n}} {{f}} {{t}} [{{z}}] {{big}}",
            {"n": 0, "f": 1.50, "t": True, "z": None, "big": 9007199254740991},
            "0 1.5 true [] 9007199254740991",
        ),
        ("{{name}}", {"name": 'A <B> & "C"'}, "A &lt;B&gt; &amp; &quot;C&quot;"),
        (
            "{{#items}}{{name}} {{qty}};{{/items}} {{note}}",
            {"items": [{"name": "Cup", "qty": 2}], "note": "line 1\nline 2"},
            "Cup 2; line 1\nline 2",
        ),
        ("{{#a}}{{#b}}{{c}}{{.}}{{/b}}{{/a}}{{^d}}none{{/d}}", {"a": [{"b": [1, 2], "c": "x"}], "d": []}, "x1x2none"),
        ("{{#a}}{{.}},{{/a}}", {"a": ["x", 1.5, False, None]}, "x,1.5,false,,"),
        ("{{custom.plan}} {{contact.Plan}} {{PLAN}}", {"custom_fields": {"plan": "gold"}}, "gold gold gold"),
        ("{{first name}} {{user's}}", {"first name": "Ada", "user's": "x"}, "Ada x"),
    ],
)
def test_render_template_fills_tags(api: Api, html: str, values: Any, expected: str) -> None:
    assert render(api, values, body_html=html).json["body_html"] == expected


def test_render_template_takes_variables_for_contact(api: Api) -> None:
    assert render(api, {"first_name": "Ada"}, key="variables").json["body_text"] == "Hi Ada, Welcome aboard!"


def test_render_template_refuses_content_that_renders_to_megabytes(api: Api) -> None:
    refused = render(api, {"a": "x" * 10_000}, body_html="{{a}}" * 101)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["contact"])


@pytest.mark.parametrize("value", ["a\0", [[1]], {"b": {"c": {"d": {}}}}, 1e300, [{"a": [{"b": []}]}], ["x"] * 1001, "x" * 10_001])
def test_render_template_refuses_values_it_cannot_fill_in(api: Api, value: Any) -> None:
    refused = render(api, {"a": value})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["contact"])


def test_render_template_needs_a_template_that_is_there(api: Api) -> None:
    refused = api.post("/api/v1/templates/render", json={"template_id": "tpl_unknown"})

    assert (refused.status_code, refused.json["error"]) == (404, "There is no template tpl_unknown")


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\r\nBcc: x@example.com"])
def test_line_breaks_in_values_are_refused_in_the_subject_only(api: Api, value: str) -> None:
    template = create(api, subject="Hi {{a}}", body_html="<p>{{b}}</p>", body_text="{{b}}")
    options = {"from": {"email": "hello@example.com"}, "to": [{"email": "user@example.com"}], "template_id": template["id"]}

    assert refusal(render_with(api, template, {"a": value})) == (400, {"contact": ["A value of the subject must be on one line"]})
    assert render_with(api, template, {"b": value}).json["body_text"] == value
    refused = {"variables": ["A value of the subject must be on one line"]}
    assert refusal(api.post("/api/v1/send", json={**options, "variables": {"a": value}})) == (400, refused)
    assert refusal(api.post("/api/v1/send", json={**options, "subject": "{{b}}", "variables": {"b": value}})) == (400, refused)
    assert api.post("/api/v1/send", json={**options, "variables": {"b": value}}).status_code == 200


def render_with(api: Any, template: Any, values: Any) -> Any:
    return api.post("/api/v1/templates/render", json={"template_id": template["id"], "contact": values})


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("<p>Write {{ to begin</p><style>@media screen{a{color:red}}</style><p>rest</p>", "{{ is not closed (line 1, column 10)"),
        ("<p>\nHi {{name", "{{ is not closed (line 2, column 4)"),
        ("{{a\n}}", "A merge tag holds a line break (line 1, column 1)"),
        ("{{a|<b>x</b>}}", "A merge tag holds markup (line 1, column 1)"),
        ("{{}}", "{{}} has no valid name (line 1, column 1)"),
    ],
)
@pytest.mark.parametrize("field", ["body_html", "body_text"])
def test_create_and_update_template_refuse_malformed_tags(api: Api, field: str, html: str, sentence: str) -> None:
    created = create(api)

    assert refusal(api.post("/api/v1/templates", json={**WELCOME, field: html})) == (400, {field: [sentence]})
    assert refusal(api.patch(f"/api/v1/templates/{created['id']}", json={field: html})) == (400, {field: [sentence]})


@pytest.mark.parametrize(
    ("tag", "warnings"),
    [
        ("{{ user's }}", ["{{user's}} is not a field of your contacts"]),
        ("{{first name}}", ["{{first name}} is not a field of your contacts; did you mean {{first_name}}?"]),
        ("{{contact.frist_name}}", ["{{contact.frist_name}} is not a field of your contacts; did you mean {{first_name}}?"]),
        ("{{#items}}{{price}}{{/items}}", ["{{items}} is not a field of your contacts"]),
        ("{{custom_fields.Plan}} {{plan}} {{contact.email}} {{Unsubscribe_url}} {{! note }} {{.}}", None),
    ],
)
def test_templates_warn_about_tags_that_are_no_fields(api: Api, tag: str, warnings: list[str] | None) -> None:
    api.post("/api/v1/contacts", json={"email": "ada@example.com", "custom_fields": {"plan": "gold"}})

    created = create(api, body_html=tag)

    assert created.get("warnings") == warnings
    assert api.get(f"/api/v1/templates/{created['id']}").json["template"].get("warnings") == warnings
    assert api.patch(f"/api/v1/templates/{created['id']}", json={"name": "B"}).json["template"].get("warnings") == warnings


def test_render_template_names_tags_without_a_value(api: Api) -> None:
    rendered = render(
        api, {"a": 0, "b": ""}, subject="Hi", body_html="{{a}}{{b}}{{c}}{{d|x}}{{user's}}{{#e}}{{f}}{{/e}}", body_text="{{c}}"
    )

    assert rendered.json["warnings"] == ["{{c}} has no value", "{{user's}} has no value"]
