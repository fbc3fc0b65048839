from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

import pytest
from sqlalchemy import insert, select

from misarmail_contract import models
from misarmail_server.db import tables
from misarmail_server.services import automation_triggers
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import WELCOME
from tests.support.calls.marketing import AUTOMATION, activated, automation, campaign


def get(api: Any, path: Any) -> Any:
    return api.get(path).json["automation"]


def template(api: Any) -> Any:
    return api.post("/api/v1/templates", json=WELCOME).json["template"]["id"]


def bare(platform: Any, api: Any) -> Any:
    """The same caller on a platform without providers of other channels."""
    return platform.client(api.headers, whatsapp_url="", push_url="")


def enroll(platform: Any, path: Any, **changed: Any) -> None:
    """Enroll a contact directly in the database, as the runner does."""
    with platform.store.read() as connection:
        row = connection.execute(select(tables.Automation.__table__).where(tables.Automation.id == path.rsplit("/", 1)[1])).one()
    values = {
        "id": "enr_1",
        "account_id": row.account_id,
        "automation_id": row.id,
        "version": row.version,
        "contact_id": "cct_1",
        "status": "active",
        "position": 1,
        "due_at": 60_000,
        "enrolled_at": 0,
    } | changed
    platform.store.write(lambda connection: connection.execute(insert(tables.Enrollment).values(values)).rowcount)


def test_create_automation_stores_a_draft(api: Api) -> None:
    made = api.post("/api/v1/automations", json=AUTOMATION).json["automation"]

    assert made.pop("id").startswith("auto_")
    assert made.pop("created_at") == made.pop("updated_at")
    assert made == {
        "name": "Trial",
        "trigger_type": "tag_added",
        "trigger_config": {"tag": "trial"},
        "status": "draft",
        "steps": [{"type": "wait", "delay_minutes": 4320}, {"type": "add_tag", "tag": "overdue", "delay_minutes": 0}],
        "step_count": 2,
        "exit_on": ["unsubscribed"],
        "enrolled": 0,
        "activated_at": None,
    }


def test_create_automation_takes_the_published_steps_without_a_type(api: Api) -> None:
    id_ = template(api)
    steps = [{"template_id": id_}, {"delay_minutes": 1440.0, "template_id": id_, "subject": "Still there?"}]

    path = automation(api, trigger_type="welcome_email", trigger_config={}, steps=steps)

    assert get(api, path)["steps"] == [
        {"type": "send_email", "delay_minutes": 0, "template_id": id_},
        {"type": "send_email", "delay_minutes": 1440, "template_id": id_, "subject": "Still there?"},
    ]


def test_create_automation_returns_every_kind_of_step_unchanged(api: Api) -> None:
    steps = [
        {"type": "send_email", "delay_minutes": 0, "template_id": template(api), "subject": "Hi"},
        {"type": "wait", "delay_minutes": 60},
        {
            "type": "condition",
            "delay_minutes": 0,
            "field": "custom_fields.plan",
            "operator": "in",
            "value": ["pro", 2],
            "then": 3,
            "else": "exit",
        },
        {"type": "condition", "delay_minutes": 0, "field": "custom_fields.plan", "operator": "is_empty"},
        {"type": "add_tag", "delay_minutes": 0, "tag": "a"},
        {"type": "remove_tag", "delay_minutes": 0, "tag": "b"},
        {"type": "update_field", "delay_minutes": 0, "field": "stage", "value": True},
        {"type": "webhook", "delay_minutes": 0, "url": "https://hooks.example.com/a"},
        {"type": "whatsapp", "delay_minutes": 0, "template_name": "welcome", "language": "en_US"},
        {"type": "push", "delay_minutes": 0, "title": "Hi", "body": "There", "url": "https://example.com/"},
    ]

    assert get(api, automation(api, steps=steps))["steps"] == steps


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            {"type": "fax"},
            "[0].type: Must be one of: send_email, wait, condition, add_tag, remove_tag, update_field, webhook, whatsapp, push",
        ),
        ({}, "[0].template_id: Is required"),
        ({"type": "send_email", "template_id": "tpl_1"}, "[0].template_id: There is no template tpl_1"),
        ({"template_id": "tpl_1", "delay_minutes": -1}, "[0].delay_minutes: Must be at least 0"),
        ({"template_id": "tpl_1", "subject": "{{#open}}"}, "[0].subject: {{#open}} is not closed (line 1, column 1)"),
        ({"type": "wait"}, "[0].delay_minutes: Is required"),
        ({"type": "wait", "delay_minutes": 525_601}, "[0].delay_minutes: Must be at most 525600"),
        ({"type": "add_tag"}, "[0].tag: Is required"),
        ({"type": "remove_tag", "tag": ""}, "[0].tag: Must have at least 1 character"),
        ({"type": "update_field", "field": "a"}, "[0].value: Is required"),
        ({"type": "webhook", "url": "http://example.com/"}, "[0].url: Must begin with https://"),
        ({"type": "whatsapp"}, "[0].template_name: Give exactly one of template_name and message"),
        ({"type": "push", "title": "a", "body": "b", "tag": "c"}, "[0].tag: Unknown field"),
        ({"type": "condition", "field": "tags", "operator": "equals"}, "[0].value: Is required"),
        ({"type": "condition", "field": "emial", "operator": "is_empty"}, "[0].field: Unknown field emial; did you mean email?"),
        ({"type": "condition", "field": "plan", "operator": "is_empty"}, "[0].field: Unknown field plan; did you mean custom_fields.plan?"),
        (
            {"type": "condition", "field": "tags", "operator": "is_empty", "value": 1},
            "[0].value: Is not allowed with is_empty and is_not_empty",
        ),
        (
            {"type": "condition", "field": "tags", "operator": "in", "value": 1, "then": 0},
            "[0].then: Must be the index of a later step, or exit",
        ),
        (
            {"type": "condition", "field": "tags", "operator": "in", "value": 1, "else": 2},
            "[0].else: Must be the index of a later step, or exit",
        ),
        (
            {"type": "condition", "field": "tags", "operator": "in", "value": 1, "else": "x"},
            "[0].else: Must be a step's index from 0 to 49, or exit",
        ),
        ("wait", "[0]: Must be an object"),
    ],
)
def test_create_automation_names_the_error_in_a_step(api: Api, make: Make, step: Any, sentence: str) -> None:
    refused = api.post("/api/v1/automations", json=AUTOMATION | {"steps": [step, {"type": "wait", "delay_minutes": 1}]})

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"steps": [sentence]})
    assert make.count(tables.Automation) == make.count(tables.AutomationStep) == 0


@pytest.mark.parametrize(
    ("trigger", "config", "sentence"),
    [
        ("tag_added", {}, "tag: Is required for tag_added"),
        ("tag_removed", None, "tag: Is required for tag_removed"),
        ("segment_joined", {}, "segment_id: Is required for segment_joined"),
        ("event_tracked", {}, "event: Is required for event_tracked"),
        ("date_based", {"offset_days": -3}, "field: Is required for date_based"),
        ("contact_created", {"tag": "a"}, "tag: Is not used by contact_created"),
        ("campaign_opened", {"campaign_id": "camp_1"}, "campaign_id: There is no campaign camp_1"),
        ("welcome_email", {"list_id": "seg_1"}, "There is no segment seg_1"),
        ("date_based", {"field": "birthday", "offset_days": 366}, "offset_days: Must be at most 365"),
        ("link_clicked", {"url": "ftp://example.com"}, "url: Must begin with https:// or http://"),
        ("tag_added", {"tag": "a", "url": "https://example.com"}, "url: Is not used by tag_added"),
        ("api", {"tag": "a"}, "tag: Is not used by api"),
    ],
)
def test_create_automation_names_the_error_in_its_trigger(api: Api, make: Make, trigger: str, config: Any, sentence: str) -> None:
    body = AUTOMATION | {"trigger_type": trigger, "trigger_config": config}
    if config is None:
        del body["trigger_config"]

    refused = api.post("/api/v1/automations", json=body)

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"trigger_config": [sentence]})
    assert make.count(tables.Automation) == 0


def test_every_trigger_has_settings_in_the_contract() -> None:
    assert sorted(automation_triggers.settings_by_trigger()) == sorted(get_args(models.TriggerType))


def test_update_automation_checks_the_settings_of_the_stored_trigger(api: Api) -> None:
    path = automation(api)

    refused = [api.patch(path, json={"trigger_config": config}) for config in ({}, {"tag": "a", "event": "paid"})]

    assert [answer.json["details"]["fieldErrors"] for answer in refused] == [
        {"trigger_config": ["tag: Is required for tag_added"]},
        {"trigger_config": ["event: Is not used by tag_added"]},
    ]


def test_create_automation_takes_every_trigger(api: Api) -> None:
    campaign_id = campaign(api).rsplit("/", 1)[1]
    configs = {
        "welcome_email": {},
        "contact_created": {},
        "tag_added": {"tag": "a"},
        "tag_removed": {"tag": "a"},
        "event_tracked": {"event": "signed_up"},
        "campaign_opened": {"campaign_id": campaign_id},
        "link_clicked": {"campaign_id": campaign_id, "url": "https://example.com/a"},
        "date_based": {"field": "birthday", "offset_days": -7},
    }

    for trigger, config in configs.items():
        made = get(api, automation(api, trigger_type=trigger, trigger_config=config))
        assert (made["trigger_type"], made["trigger_config"]) == (trigger, config)


@pytest.mark.parametrize(("trigger", "feature"), [("form_submitted", "forms"), ("api", "automations")])
def test_create_automation_refuses_a_trigger_without_a_source(api: Api, make: Make, trigger: str, feature: str) -> None:
    body = AUTOMATION | {"trigger_type": trigger, "trigger_config": {}}
    path = automation(api)

    for refused in (api.post("/api/v1/automations", json=body), api.patch(path, json={"trigger_type": trigger})):
        assert (refused.status_code, refused.json["code"], refused.json["feature"]) == (403, "feature_unavailable", feature)
    assert get(api, path)["trigger_type"] == AUTOMATION["trigger_type"]
    assert make.count(tables.Automation) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"trigger_type": "moon"}, "trigger_type"),
        ({"exit_on": ["unsubscribed", "unsubscribed"]}, "exit_on"),
        ({"exit_on": ["bored"]}, "exit_on"),
        ({"steps": [{"type": "wait", "delay_minutes": 1}] * 51}, "steps"),
    ],
)
def test_create_automation_names_the_field_that_is_wrong(api: Api, changed: Any, field: str) -> None:
    refused = api.post("/api/v1/automations", json=AUTOMATION | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])


def test_create_automation_refuses_the_third_on_the_free_plan(platform: Platform) -> None:
    account_id = platform.make.account(plan="free")
    clients = [platform.api(account_id=account_id) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda api: api.post("/api/v1/automations", json=AUTOMATION), clients))

    refused = [answer.json for answer in answers if answer.status_code == 403]
    assert [(each["code"], each["upgrade"]["feature"], each["upgrade"]["usage"]["limit"]) for each in refused] == [
        ("plan_limit_exceeded", "automations", 2)
    ] * 2


def test_list_automations_pages_and_filters(api: Api) -> None:
    paths = [automation(api, name=f"Automation {number}") for number in range(3)]
    activated(api, paths[0])

    page = api.get("/api/v1/automations?limit=2").json
    active = api.get("/api/v1/automations?status=active").json

    assert [each["name"] for each in page["automations"]] == ["Automation 2", "Automation 1"]
    assert (page["total"], page["page"], page["limit"]) == (3, 1, 2)
    assert page["automations"][0].keys() == {"id", "name", "trigger_type", "status", "step_count", "enrolled", "created_at"}
    assert [each["name"] for each in active["automations"]] == ["Automation 0"]
    assert api.get("/api/v1/automations?status=gone").status_code == 400


def test_get_automation_answers_all_of_it(api: Api) -> None:
    assert get(api, automation(api))["steps"][1] == {"type": "add_tag", "tag": "overdue", "delay_minutes": 0}


def test_update_automation_changes_the_given_fields(api: Api) -> None:
    path = automation(api)

    changed = api.patch(path, json={"name": "Long trial", "exit_on": [], "steps": []}).json["automation"]
    other = api.patch(path, json={"trigger_type": "event_tracked", "trigger_config": {"event": "paid"}}).json["automation"]

    assert (changed["name"], changed["exit_on"], changed["steps"], changed["step_count"]) == ("Long trial", [], [], 0)
    assert (other["trigger_type"], other["trigger_config"]) == ("event_tracked", {"event": "paid"})
    assert get(api, path) == other


def test_update_automation_starts_a_new_trigger_from_an_empty_configuration(api: Api) -> None:
    path = automation(api)

    refused = api.patch(path, json={"trigger_type": "date_based"})

    assert refused.json["details"]["fieldErrors"] == {"trigger_config": ["field: Is required for date_based"]}
    assert api.patch(path, json={"trigger_type": "contact_created"}).json["automation"]["trigger_config"] == {}
    assert api.patch(path, json={"trigger_config": {"tag": "a"}}).status_code == 400


def test_update_automation_keeps_the_steps_of_active_enrollments(platform: Platform, api: Api) -> None:
    path = automation(api)
    enroll(platform, path)

    api.patch(path, json={"steps": [{"type": "wait", "delay_minutes": 1}]})
    api.patch(path, json={"steps": [{"type": "wait", "delay_minutes": 2}]})

    with platform.store.read() as connection:
        step = tables.AutomationStep
        kept = connection.execute(select(step.version, step.position, step.type).order_by(step.version, step.position)).all()
    assert kept == [(1, 0, "wait"), (1, 1, "add_tag"), (3, 0, "wait")]


def test_update_automation_keeps_an_active_one_runnable(platform: Platform, api: Api) -> None:
    path = automation(api)
    activated(api, path)

    empty = api.patch(path, json={"steps": []})
    push = bare(platform, api).patch(path, json={"steps": [{"type": "push", "title": "a", "body": "b"}]})

    assert (empty.status_code, empty.json["code"]) == (409, "wrong_state")
    assert (push.status_code, push.json["code"], push.json["feature"]) == (403, "feature_unavailable", "push")
    assert get(api, path)["step_count"] == 2


def test_delete_automation_takes_its_steps_and_enrollments_along(platform: Platform, api: Api) -> None:
    path = automation(api)
    enroll(platform, path)

    assert api.delete(path).status_code == 200
    assert api.delete(path).status_code == 404
    assert [platform.make.count(each) for each in (tables.Automation, tables.AutomationStep, tables.Enrollment)] == [0, 0, 0]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("options", [{}, {"json": {}}, {"json": {"active": True}}])
def test_activate_automation_is_refused_and_changes_nothing(api: Api, method: str, options: Any) -> None:
    """Once it answered that the automation is active, and enrolled nobody."""
    path = automation(api)
    before = get(api, path)

    refused = api(method, f"{path}/activate", **options)

    assert (refused.status_code, refused.json["code"], refused.json["feature"]) == (403, "feature_unavailable", "automations")
    assert get(api, path) == before


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_activate_automation_with_false_pauses_an_active_one(api: Api, method: str) -> None:
    draft, active = automation(api), automation(api)
    activated(api, active)

    paused = api(method, f"{active}/activate", json={"active": False}).json["automation"]

    assert (paused["status"], paused["activated_at"]) == ("paused", "1970-01-01T00:00:01Z")
    assert api(method, f"{draft}/activate", json={"active": False}).json["automation"]["status"] == "draft"


def test_toggle_automation_keeps_an_active_one(api: Api) -> None:
    path = automation(api)
    activated(api, path)

    assert api.patch(f"{path}/activate", json={"active": True}).json["automation"]["status"] == "active"


def test_activate_automation_needs_more_than_the_write_scope(platform: Platform) -> None:
    writer = platform.api("write", account_id=platform.make.account("grace@example.com"))
    path = automation(writer)

    assert writer.post(f"{path}/activate").json["code"] == "scope_missing"


def test_list_automation_enrollments_is_newest_first(platform: Platform, api: Api) -> None:
    path = automation(api)
    enroll(platform, path)
    enroll(platform, path, id="enr_2", status="exited", due_at=None, enrolled_at=1000, finished_at=2000, exit_reason="unsubscribed")

    page = api.get(f"{path}/enrollments?limit=1").json
    last = api.get(f"{path}/enrollments?limit=1&page=2").json

    assert (page["total"], page["page"], page["limit"]) == (2, 1, 1)
    assert page["enrollments"] == [
        {
            "id": "enr_2",
            "contact_id": "cct_1",
            "status": "exited",
            "position": 1,
            "due_at": None,
            "enrolled_at": "1970-01-01T00:00:01Z",
            "finished_at": "1970-01-01T00:00:02Z",
            "exit_reason": "unsubscribed",
        }
    ]
    assert [enrollment["due_at"] for enrollment in last["enrollments"]] == ["1970-01-01T00:01:00Z"]
