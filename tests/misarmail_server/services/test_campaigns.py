from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from tests.conftest import Api, Make, Platform
from tests.support.calls.campaigns import SENDER, TOTALS, force, get, segment, template
from tests.support.calls.marketing import CAMPAIGN, LATER, campaign


def test_create_campaign_stores_a_draft_and_sends_nothing(api: Api, make: Make) -> None:
    answer = api.post("/api/v1/campaigns", json=CAMPAIGN)

    made = answer.json["campaign"]
    assert made.pop("id").startswith("camp_")
    assert made.pop("created_at") == made.pop("updated_at")
    assert made == {
        **CAMPAIGN,
        "status": "draft",
        "segment_id": None,
        "topic_id": None,
        "audience": None,
        "template_id": None,
        "scheduled_at": None,
        "started_at": None,
        "sent_at": None,
        "completed_at": None,
        **{f"total_{total}": 0 for total in TOTALS},
        **{f"{count}_count": 0 for count in ("suppressed", "waiting", "cancelled", "captured")},
        "reason": None,
    }
    assert make.count(tables.Message) == 0


def test_create_campaign_takes_the_published_camel_case(api: Api) -> None:
    options = {
        "name": "Spring",
        "subject": "Hi",
        "fromEmail": "news@yourdomain.com",
        "fromName": "Shop",
        "replyTo": "help@yourdomain.com",
        "segmentId": None,
        "bodyHtml": "<p>Hi</p>",
        "bodyText": "Hi",
        "scheduledAt": LATER,
    }

    made = api.post("/api/v1/campaigns", json=options).json["campaign"]

    assert (made["from_email"], made["from_name"], made["reply_to"]) == ("news@yourdomain.com", "Shop", "help@yourdomain.com")
    assert (made["body_html"], made["body_text"], made["scheduled_at"], made["status"]) == ("<p>Hi</p>", "Hi", LATER, "draft")


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Must have at least 1 character"),
        ({"subject": "a\nb"}, "subject", "Must be one line without control characters"),
        ({"from_email": "nobody"}, "from_email", "Must be an e-mail address"),
        ({"fromEmail": "a@example.com"}, "from_email", "Is required"),
        ({"reply_to": "x"}, "reply_to", "Must be an e-mail address"),
        ({"body_html": None}, "body_html", "Must be text"),
        ({"template_id": "tpl_1"}, "template_id", "Give template_id or body_html and body_text, not both"),
        ({"segment_id": "seg_nowhere"}, "segment_id", "There is no segment seg_nowhere"),
        ({"body_html": "a\n{{#open}}"}, "body_html", "{{#open}} is not closed (line 2, column 1)"),
        ({"scheduled_at": "tomorrow"}, "scheduled_at", "Must be a date and time such as 2026-04-06T12:00:00Z"),
    ],
)
def test_create_campaign_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str, sentence: str) -> None:
    refused = api.post("/api/v1/campaigns", json=CAMPAIGN | changed)

    assert (refused.status_code, refused.json["code"]) == (400, "validation_failed")
    assert sentence in refused.json["details"]["fieldErrors"][field]
    assert make.count(tables.Campaign) == 0


def test_create_campaign_and_update_refuse_a_field_in_two_spellings(api: Api) -> None:
    for refused in (
        api.post("/api/v1/campaigns", json=CAMPAIGN | {"replyTo": "a@example.com"}),
        api.patch(campaign(api), json={"segment_id": None, "segmentId": None}),
    ):
        assert refused.status_code == 400
        assert refused.json["details"] == {"fieldErrors": {}, "formErrors": ["Give each field in one spelling only"]}


def test_create_campaign_knows_only_the_accounts_own_templates(platform: Platform, api: Api) -> None:
    stranger = platform.api(account_id=platform.make.account("eve@example.com"))
    bare = {name: value for name, value in CAMPAIGN.items() if not name.startswith("body")}
    id_ = template(api)

    assert api.post("/api/v1/campaigns", json=bare | {"templateId": id_}).json["campaign"]["template_id"] == id_
    refused = stranger.post("/api/v1/campaigns", json=bare | {"template_id": id_})
    assert refused.json["details"]["fieldErrors"] == {"template_id": [f"There is no template {id_}"]}


def test_create_campaign_refuses_a_sender_that_is_not_verified(platform: Platform) -> None:
    api = platform.api(account_id=platform.make.account(senders="verified"))

    refused = api.post("/api/v1/campaigns", json=CAMPAIGN)

    assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    assert platform.make.count(tables.Campaign) == 0


def test_create_campaign_refuses_the_sixth_of_a_month_on_the_free_plan(platform: Platform) -> None:
    api = platform.api(account_id=platform.make.account(plan="free"))
    first, *_ = [campaign(api) for _ in range(5)]

    refused = api.post("/api/v1/campaigns", json=CAMPAIGN)

    assert (refused.status_code, refused.json["code"], refused.json["upgrade"]["feature"]) == (403, "plan_limit_exceeded", "campaigns")
    assert refused.json["upgrade"]["usage"]["period"] == "month"
    force(platform, first, created_at=now() - 32 * DAY)
    assert api.post("/api/v1/campaigns", json=CAMPAIGN).status_code == 200


@pytest.mark.filterwarnings("ignore:per_page parameter is deprecated")
def test_list_campaigns_is_newest_first_and_without_bodies(api: Api) -> None:
    paths = [campaign(api, name=f"Campaign {number}") for number in range(3)]

    page = api.get("/api/v1/campaigns?page=1&per_page=2").json

    assert [each["name"] for each in page["campaigns"]] == ["Campaign 2", "Campaign 1"]
    assert page["pagination"] == {"page": 1, "per_page": 2, "total": 3}
    assert (page["page"], page["limit"], page["total"]) == (1, 2, 3)
    counted = {f"total_{each}" for each in ("recipients", "sent", "opened", "clicked", "bounced")}
    assert page["campaigns"][0].keys() == {
        *("id", "name", "subject", "status", "segment_id", "topic_id", "sent_at", "reason", "created_at"),
        *counted,
    }
    last = api.get("/api/v1/campaigns?page=2&limit=2&per_page=1").json
    assert [each["id"] for each in last["campaigns"]] == [paths[0].rsplit("/", 1)[1]]
    assert api.get("/api/v1/campaigns?page=9").json["campaigns"] == []


def test_list_campaigns_filters_by_status(api: Api) -> None:
    campaign(api)
    campaign(api, "send", name="Due")

    page = api.get("/api/v1/campaigns?status=scheduled").json

    assert ([each["name"] for each in page["campaigns"]], page["pagination"]["total"]) == (["Due"], 1)


@pytest.mark.filterwarnings("ignore:per_page parameter is deprecated")
@pytest.mark.parametrize(("query", "field"), [("per_page=51", "per_page"), ("limit=51", "limit"), ("status=gone", "status")])
def test_list_campaigns_refuses_a_bad_query(api: Api, query: str, field: str) -> None:
    refused = api.get(f"/api/v1/campaigns?{query}")

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])


def test_get_campaign_answers_all_of_it(api: Api) -> None:
    path = campaign(api, scheduled_at=LATER)

    result = get(api, path)

    assert result["scheduled_at"] == LATER
    assert {name: result[name] for name in CAMPAIGN} == CAMPAIGN


def test_update_campaign_changes_the_given_fields(api: Api) -> None:
    path = campaign(api)

    changed = api.patch(path, json={"name": "Summer", "reply_to": None, "bodyText": None, "scheduled_at": LATER}).json["campaign"]

    assert (changed["name"], changed["reply_to"], changed["body_text"], changed["scheduled_at"]) == ("Summer", None, None, LATER)
    assert changed["body_html"] == CAMPAIGN["body_html"]
    assert get(api, path) == changed


def test_update_campaign_replaces_template_and_bodies_by_each_other(api: Api) -> None:
    path, id_ = campaign(api), template(api)

    with_template = api.patch(path, json={"template_id": id_}).json["campaign"]
    with_body = api.patch(path, json={"body_text": "Hi"}).json["campaign"]
    refused = api.patch(path, json={"template_id": id_, "body_text": "Hi"})

    assert (with_template["template_id"], with_template["body_html"], with_template["body_text"]) == (id_, None, None)
    assert (with_body["template_id"], with_body["body_html"], with_body["body_text"]) == (None, None, "Hi")
    assert list(refused.json["details"]["fieldErrors"]) == ["template_id"]


@pytest.mark.parametrize("state", ["sending", "sent", "cancelled", "failed"])
def test_update_campaign_refuses_a_sending_or_finished_one(platform: Platform, api: Api, state: str) -> None:
    path = campaign(api)
    force(platform, path, status=state)

    refused = api.patch(path, json={"name": "x"})

    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert refused.json["error"] == f"A campaign that is {state} cannot be changed"
    assert get(api, path)["name"] == CAMPAIGN["name"]


WITH_ADDRESS = {"operator": "AND", "rules": [{"field": "email", "operator": "is_not_empty"}]}


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "New"},
        {"body_html": "<p>New</p>"},
        {"from_name": "New"},
        {"reply_to": "new@yourdomain.com"},
        {"segment_id": "seg"},
        {"scheduled_at": LATER},
        {"subject": "New", "name": "New"},
    ],
)
def test_update_campaign_refuses_what_recipients_of_a_begun_one_have_got(platform: Platform, api: Api, change: Any) -> None:
    """Once the change was answered with 200, the former subject left, and the report showed the new one."""
    path = campaign(api)
    force(platform, path, status="paused", started_at=1_000, message_id="msg_1")
    if "segment_id" in change:
        change = {"segment_id": api.post("/api/v1/segments", json={"name": "S", "filter_criteria": WITH_ADDRESS}).json["segment"]["id"]}

    refused = api.patch(path, json=change)
    renamed = api.patch(path, json={"name": "Other", "subject": CAMPAIGN["subject"]})

    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert refused.json["error"].startswith("The campaign has begun: ")
    assert renamed.json["campaign"]["name"] == "Other"


def test_update_campaign_keeps_a_scheduled_one_sendable(api: Api) -> None:
    path = campaign(api, "send")

    bodiless = api.patch(path, json={"body_html": None, "body_text": None})
    timeless = api.patch(path, json={"scheduled_at": None})
    moved = api.patch(path, json={"scheduled_at": LATER})
    past = api.patch(path, json={"scheduled_at": "2001-01-01T00:00:00Z"})

    assert (bodiless.status_code, bodiless.json["code"]) == (409, "wrong_state")
    assert list(timeless.json["details"]["fieldErrors"]) == ["scheduled_at"]
    assert moved.json["campaign"]["scheduled_at"] == LATER
    assert past.json["campaign"]["scheduled_at"] > "2026"
    assert get(api, path)["body_html"] == CAMPAIGN["body_html"]


def test_update_campaign_clears_the_time_of_a_paused_one_or_a_draft(api: Api) -> None:
    for path in (campaign(api, scheduled_at=LATER), campaign(api, "schedule", "pause")):
        assert api.patch(path, json={"scheduled_at": None}).json["campaign"]["scheduled_at"] is None


def test_update_campaign_refuses_a_sender_that_is_not_verified(platform: Platform) -> None:
    account_id = platform.make.account(senders="verified")
    platform.store.write(lambda connection: connection.execute(SENDER, {"account_id": account_id}).rowcount)
    api = platform.api(account_id=account_id)
    path = campaign(api)

    refused = api.patch(path, json={"from_email": "news@elsewhere.com"})

    assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    assert get(api, path)["from_email"] == "news@yourdomain.com"


@pytest.mark.parametrize(("verbs", "is_deleted"), [((), True), (("send", "cancel"), True), (("send",), False), (("send", "pause"), False)])
def test_delete_campaign_takes_drafts_and_cancelled_ones(api: Api, verbs: Any, is_deleted: bool) -> None:
    path = campaign(api, *verbs)

    answer = api.delete(path)

    assert answer.status_code == (200 if is_deleted else 409)
    assert api.get(path).status_code == (404 if is_deleted else 200)


def test_create_campaign_takes_a_segment_of_the_account(api: Api, platform: Platform, make: Make) -> None:
    id_ = segment(api)
    stranger = platform.everything(make.account("eve@example.com"))

    taken = api.post("/api/v1/campaigns", json=CAMPAIGN | {"segment_id": id_})
    refused = stranger.post("/api/v1/campaigns", json=CAMPAIGN | {"segment_id": id_})

    assert taken.json["campaign"]["segment_id"] == id_
    assert refused.json["details"]["fieldErrors"] == {"segment_id": [f"There is no segment {id_}"]}


def test_campaigns_warn_about_tags_that_are_no_fields(api: Api) -> None:
    path = campaign(api, subject="{{first name}}", body_html="<p>{{custom_fields.plan}} {{email}}</p>")
    warnings = [
        "{{first name}} is not a field of your contacts; did you mean {{first_name}}?",
        "{{custom_fields.plan}} is not a field of your contacts",
    ]

    assert api.get(path).json["warnings"] == warnings
    api.post("/api/v1/contacts", json={"email": "ada@example.com", "custom_fields": {"Plan": "gold"}})
    assert api.patch(path, json={"subject": "Hi"}).json.keys() == {"success", "campaign"}


@pytest.mark.parametrize(("field", "text"), [("subject", "Hi {{"), ("body_html", "<p>{{ a</p>}}"), ("body_text", "{{a\n}}")])
def test_campaigns_refuse_malformed_tags(api: Api, field: str, text: str) -> None:
    path = campaign(api)

    refused = api.patch(path, json={field: text})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
