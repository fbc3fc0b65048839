from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from calls import WELCOME
from calls_marketing import AB_TEST, CAMPAIGN, LATER, campaign
from misarmail_server import tables
from misarmail_server.context import DAY, Context, Principal, now
from misarmail_server.delivery import happenings
from misarmail_server.delivery.happenings import Happening
from misarmail_server.services import campaign_progress

TOTALS = ("recipients", "sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")


def get(api, path):
    return api.get(path).json["campaign"]


def status(api, path):
    return get(api, path)["status"]


def force(platform, path, **values):
    """What only the runner does: put a campaign into a state behind the API's back."""
    change = update(tables.Campaign).where(tables.Campaign.id == path.rsplit("/", 1)[1]).values(values)
    platform.store.write(lambda connection: connection.execute(change).rowcount)


def happened(platform, path, *kinds: str):
    """What the worker writes of a campaign's mails."""
    id_ = path.rsplit("/", 1)[1]
    with platform.store.read() as connection:
        account_id = connection.scalar(select(tables.Campaign.account_id).where(tables.Campaign.id == id_))
    events = [Happening("msg_1", account_id, "a@example.com", kind, kind, now(), id_) for kind in kinds]
    platform.store.write(lambda connection: happenings.count(connection, events))


def template(api):
    return api.post("/api/v1/templates", json=WELCOME).json["template"]["id"]


def segment(api):
    return api.post("/api/v1/segments", json={"name": "VIP", "segment_type": "static"}).json["segment"]["id"]


def test_create_campaign_makes_a_draft_and_sends_nothing(api, make):
    answer = api.post("/api/v1/campaigns", json=CAMPAIGN)

    made = answer.json["campaign"]
    assert made.pop("id").startswith("camp_")
    assert made.pop("created_at") == made.pop("updated_at")
    assert made == {
        **CAMPAIGN,
        "status": "draft",
        "segment_id": None,
        "template_id": None,
        "scheduled_at": None,
        "started_at": None,
        "sent_at": None,
        "completed_at": None,
        **{f"total_{one}": 0 for one in TOTALS},
    }
    assert make.count(tables.Message) == 0


def test_create_campaign_takes_the_published_camel_case(api):
    asked = {
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

    made = api.post("/api/v1/campaigns", json=asked).json["campaign"]

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
def test_create_campaign_names_the_field_that_is_wrong(api, make, changed, field, sentence):
    refused = api.post("/api/v1/campaigns", json=CAMPAIGN | changed)

    assert (refused.status_code, refused.json["code"]) == (400, "validation_failed")
    assert sentence in refused.json["details"]["fieldErrors"][field]
    assert make.count(tables.Campaign) == 0


def test_create_campaign_and_update_refuse_a_field_in_two_spellings(api):
    for refused in (
        api.post("/api/v1/campaigns", json=CAMPAIGN | {"replyTo": "a@example.com"}),
        api.patch(campaign(api), json={"segment_id": None, "segmentId": None}),
    ):
        assert refused.status_code == 400
        assert refused.json["details"] == {"fieldErrors": {}, "formErrors": ["Must have each field in one spelling, not in two"]}


def test_create_campaign_knows_only_the_accounts_own_templates(platform, api):
    stranger = platform.api(account_id=platform.make.account("eve@example.com"))
    bare = {name: value for name, value in CAMPAIGN.items() if not name.startswith("body")}
    id_ = template(api)

    assert api.post("/api/v1/campaigns", json=bare | {"templateId": id_}).json["campaign"]["template_id"] == id_
    refused = stranger.post("/api/v1/campaigns", json=bare | {"template_id": id_})
    assert refused.json["details"]["fieldErrors"] == {"template_id": [f"There is no template {id_}"]}


def test_create_campaign_refuses_a_sender_that_is_not_verified(platform):
    api = platform.api(account_id=platform.make.account(senders="verified"))

    refused = api.post("/api/v1/campaigns", json=CAMPAIGN)

    assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    assert platform.make.count(tables.Campaign) == 0


def test_create_campaign_refuses_the_sixth_of_a_month_on_the_free_plan(platform):
    api = platform.api(account_id=platform.make.account(plan="free"))
    first, *_ = [campaign(api) for _ in range(5)]

    refused = api.post("/api/v1/campaigns", json=CAMPAIGN)

    assert (refused.status_code, refused.json["code"], refused.json["upgrade"]["feature"]) == (403, "plan_limit_exceeded", "campaigns")
    assert refused.json["upgrade"]["usage"]["period"] == "month"
    force(platform, first, created_at=now() - 32 * DAY)
    assert api.post("/api/v1/campaigns", json=CAMPAIGN).status_code == 200


@pytest.mark.filterwarnings("ignore:limit parameter is deprecated")
def test_list_campaigns_is_newest_first_and_without_bodies(api):
    paths = [campaign(api, name=f"Campaign {number}") for number in range(3)]

    page = api.get("/api/v1/campaigns?page=1&per_page=2").json

    assert [one["name"] for one in page["campaigns"]] == ["Campaign 2", "Campaign 1"]
    assert page["pagination"] == {"page": 1, "per_page": 2, "total": 3}
    counted = {f"total_{one}" for one in ("recipients", "sent", "opened", "clicked", "bounced")}
    assert page["campaigns"][0].keys() == {"id", "name", "subject", "status", "segment_id", "sent_at", "created_at"} | counted
    last = api.get("/api/v1/campaigns?page=2&limit=2&per_page=1").json
    assert [one["id"] for one in last["campaigns"]] == [paths[0].rsplit("/", 1)[1]]
    assert api.get("/api/v1/campaigns?page=9").json["campaigns"] == []


def test_list_campaigns_filters_by_status(api):
    campaign(api)
    campaign(api, "send", name="Due")

    page = api.get("/api/v1/campaigns?status=scheduled").json

    assert ([one["name"] for one in page["campaigns"]], page["pagination"]["total"]) == (["Due"], 1)


@pytest.mark.filterwarnings("ignore:limit parameter is deprecated")
@pytest.mark.parametrize(("query", "field"), [("per_page=51", "per_page"), ("limit=51", "limit"), ("status=gone", "status")])
def test_list_campaigns_refuses_a_bad_query(api, query, field):
    refused = api.get(f"/api/v1/campaigns?{query}")

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])


def test_get_campaign_answers_all_of_it(api):
    path = campaign(api, scheduled_at=LATER)

    found = get(api, path)

    assert found["scheduled_at"] == LATER
    assert {name: found[name] for name in CAMPAIGN} == CAMPAIGN


def test_update_campaign_changes_what_is_given(api):
    path = campaign(api)

    changed = api.patch(path, json={"name": "Summer", "reply_to": None, "bodyText": None, "scheduled_at": LATER}).json["campaign"]

    assert (changed["name"], changed["reply_to"], changed["body_text"], changed["scheduled_at"]) == ("Summer", None, None, LATER)
    assert changed["body_html"] == CAMPAIGN["body_html"]
    assert get(api, path) == changed


def test_update_campaign_lets_template_and_bodies_take_each_others_place(api):
    path, id_ = campaign(api), template(api)

    with_template = api.patch(path, json={"template_id": id_}).json["campaign"]
    with_body = api.patch(path, json={"body_text": "Hi"}).json["campaign"]
    refused = api.patch(path, json={"template_id": id_, "body_text": "Hi"})

    assert (with_template["template_id"], with_template["body_html"], with_template["body_text"]) == (id_, None, None)
    assert (with_body["template_id"], with_body["body_html"], with_body["body_text"]) == (None, None, "Hi")
    assert list(refused.json["details"]["fieldErrors"]) == ["template_id"]


@pytest.mark.parametrize("state", ["sending", "sent", "cancelled", "failed"])
def test_update_campaign_refuses_what_is_on_its_way_or_over(platform, api, state):
    path = campaign(api)
    force(platform, path, status=state)

    refused = api.patch(path, json={"name": "x"})

    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert refused.json["error"] == f"A campaign that is {state} cannot be changed"
    assert get(api, path)["name"] == CAMPAIGN["name"]


def test_update_campaign_keeps_a_scheduled_one_fit_to_be_sent(api):
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


def test_update_campaign_takes_the_time_of_a_paused_or_drafted_one_away(api):
    for path in (campaign(api, scheduled_at=LATER), campaign(api, "schedule", "pause")):
        assert api.patch(path, json={"scheduled_at": None}).json["campaign"]["scheduled_at"] is None


def test_update_campaign_refuses_a_sender_that_is_not_verified(platform):
    account_id = platform.make.account(senders="verified")
    platform.store.write(lambda connection: connection.execute(SENDER, {"account_id": account_id}).rowcount)
    api = platform.api(account_id=account_id)
    path = campaign(api)

    refused = api.patch(path, json={"from_email": "news@elsewhere.com"})

    assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    assert get(api, path)["from_email"] == "news@yourdomain.com"


SENDER = tables.Sender.__table__.insert().values(address="@yourdomain.com", created_at=0)


@pytest.mark.parametrize(("verbs", "is_deleted"), [((), True), (("send", "cancel"), True), (("send",), False), (("send", "pause"), False)])
def test_delete_campaign_takes_drafts_and_cancelled_ones(api, verbs, is_deleted):
    path = campaign(api, *verbs)

    answer = api.delete(path)

    assert answer.status_code == (200 if is_deleted else 409)
    assert api.get(path).status_code == (404 if is_deleted else 200)


def test_send_campaign_is_accepted_for_later_and_due_now(api, make):
    path = campaign(api)

    answer = api.post(f"{path}/send")

    due_at = answer.json["scheduled_at"]
    assert answer.status_code == 202
    assert answer.json == {
        "success": True,
        "message": f"The campaign is due at {due_at[:19]}Z",
        "campaign_id": path.rsplit("/", 1)[1],
        "status": "scheduled",
        "scheduled_at": due_at,
    }
    found = get(api, path)
    assert (found["status"], found["scheduled_at"], found["started_at"]) == ("scheduled", found["updated_at"], None)
    assert make.count(tables.Message) == 0


def test_send_campaign_honours_the_time_that_was_asked_for_or_planned(api):
    asked = api.post(f"{campaign(api)}/send", json={"scheduledAt": LATER}).json
    planned = campaign(api, "send", scheduled_at=LATER)
    overdue = campaign(api, "send", scheduled_at="2001-01-01T00:00:00Z")

    assert asked["scheduled_at"] == get(api, planned)["scheduled_at"] == LATER
    assert get(api, overdue)["scheduled_at"] > "2026"
    assert api.post(f"{planned}/send").json["scheduled_at"] < LATER


def test_send_campaign_repeats_harmlessly(api):
    path = campaign(api)
    key = {"Idempotency-Key": "spring"}

    first = api.post(f"{path}/send", headers=key)
    again = api.post(f"{path}/send", headers=key)
    other = api.post(f"{path}/send", headers=key, json={"scheduled_at": LATER})

    assert (again.status_code, again.json) == (202, first.json | {"idempotent": True})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")


def test_send_campaign_takes_a_key_for_one_campaign_only(api):
    first, second = campaign(api), campaign(api)
    key = {"Idempotency-Key": "spring"}

    done = api.post(f"{first}/send", headers=key)
    other = api.post(f"{second}/send", headers=key)

    assert done.status_code == 202
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")
    assert get(api, second)["status"] == "draft"


@pytest.mark.parametrize("state", ["sending", "paused", "sent", "cancelled", "failed"])
@pytest.mark.parametrize("verb", ["send", "schedule"])
def test_send_campaign_refuses_in_any_other_state(platform, api, state, verb):
    path = campaign(api)
    force(platform, path, status=state)

    refused = api.post(f"{path}/{verb}", json={"scheduled_at": LATER})

    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert refused.json["error"].startswith(f"A campaign that is {state} cannot be s")
    assert status(api, path) == state


def test_send_campaign_refuses_what_says_nothing(api):
    bare = {name: value for name, value in CAMPAIGN.items() if not name.startswith("body")}
    empty = f"/api/v1/campaigns/{api.post('/api/v1/campaigns', json=bare).json['campaign']['id']}"
    orphan = campaign(api)
    api.patch(orphan, json={"template_id": (id_ := template(api))})
    api.delete(f"/api/v1/templates/{id_}")

    for path, sentence in ((empty, "The campaign has no body"), (orphan, f"The campaign's template {id_} is gone")):
        for verb, body in (("send", {}), ("schedule", {"scheduled_at": LATER}), ("test", {"emails": ["a@example.com"]})):
            refused = api.post(f"{path}/{verb}", json=body)

            assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
            assert refused.json["error"].startswith(sentence)
        assert status(api, path) == "draft"


def test_send_campaign_refuses_one_whose_segment_is_gone(api):
    paused, draft = campaign(api, "send", "pause", segment_id=(id_ := segment(api))), campaign(api, segment_id=id_)
    test = api.post("/api/v1/ab-tests", json=AB_TEST | {"campaign_id": draft.rsplit("/", 1)[1]}).json["ab_test"]["id"]
    api.delete(f"/api/v1/segments/{id_}")

    for path, body in (
        (f"{draft}/send", {}),
        (f"{draft}/schedule", {"scheduled_at": LATER}),
        (f"{paused}/resume", {}),
        (f"/api/v1/ab-tests/{test}/start", {}),
    ):
        refused = api.post(path, json=body)

        assert (refused.status_code, refused.json["code"]) == (409, "wrong_state"), path
        assert refused.json["error"] == f"The campaign's segment {id_} is gone"
    assert (status(api, draft), status(api, paused)) == ("draft", "paused")
    assert api.patch(paused, json={"segment_id": None}).status_code == 200
    assert api.post(f"{paused}/resume").status_code == 200


def test_send_campaign_refuses_a_sender_that_is_verified_no_more(platform):
    account_id = platform.make.account(senders="verified")
    platform.store.write(lambda connection: connection.execute(SENDER, {"account_id": account_id}).rowcount)
    api = platform.api(account_id=account_id)
    path, paused = campaign(api), campaign(api, "send", "pause")
    platform.store.write(lambda connection: connection.execute(tables.Sender.__table__.delete()).rowcount)

    for refused in (
        api.post(f"{path}/send"),
        api.post(f"{path}/schedule", json={"scheduled_at": LATER}),
        api.post(f"{path}/test", json={"emails": ["a@example.com"]}),
        api.post(f"{paused}/resume"),
    ):
        assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    assert (status(api, path), status(api, paused)) == ("draft", "paused")


def test_send_campaign_needs_more_than_the_write_scope(platform):
    account_id = platform.make.account("grace@example.com")
    writer = platform.api("write", account_id=account_id)
    path = campaign(writer)

    for verb in ("send", "schedule", "resume", "test"):
        assert writer.post(f"{path}/{verb}").json["code"] == "scope_missing"


def test_schedule_campaign_sets_a_time_that_is_ahead(api):
    path = campaign(api)

    refused = api.post(f"{path}/schedule", json={"scheduled_at": "2001-01-01T00:00:00Z"})
    done = api.post(f"{path}/schedule", json={"scheduledAt": LATER}).json["campaign"]

    assert refused.json["details"]["fieldErrors"] == {"scheduled_at": ["Must be in the future"]}
    assert (done["status"], done["scheduled_at"]) == ("scheduled", LATER)


@pytest.mark.parametrize(
    ("verb", "state", "becomes"),
    [
        ("pause", "scheduled", "paused"),
        ("pause", "sending", "paused"),
        ("resume", "paused", "scheduled"),
        ("cancel", "scheduled", "cancelled"),
        ("cancel", "sending", "cancelled"),
        ("cancel", "paused", "cancelled"),
    ],
)
def test_pause_campaign_resume_and_cancel_move_it(platform, api, verb, state, becomes):
    path = campaign(api)
    force(platform, path, status=state)

    moved = api.post(f"{path}/{verb}").json["campaign"]

    assert (moved["status"], status(api, path)) == (becomes, becomes)


@pytest.mark.parametrize(
    ("verb", "states"),
    [
        ("pause", ("draft", "paused", "sent", "cancelled", "failed")),
        ("resume", ("draft", "scheduled", "sending", "sent", "cancelled", "failed")),
        ("cancel", ("draft", "sent", "cancelled", "failed")),
    ],
)
def test_cancel_campaign_pause_and_resume_refuse_other_states(platform, api, verb, states):
    path = campaign(api)
    for state in states:
        force(platform, path, status=state)

        refused = api.post(f"{path}/{verb}")

        assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
        assert state in refused.json["error"]
        assert status(api, path) == state


def test_resume_campaign_goes_on_where_it_was(platform, api):
    path = campaign(api, "send", "pause")
    force(platform, path, started_at=now())

    assert api.post(f"{path}/resume").json["campaign"]["status"] == "sending"


def test_cancel_campaign_wins_or_loses_against_a_pause(platform):
    account_id = platform.make.account()
    path = campaign(platform.api(account_id=account_id), "send")
    clients = [platform.api(account_id=account_id) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda api: api.post(f"{path}/cancel").status_code, clients))

    assert sorted(answers) == [200] + [409] * 7


def test_test_campaign_sends_each_address_a_mail_of_its_own(platform, api):
    path = campaign(api, subject="{{first_name}} & {{contact.last_name}}, {{email}}", body_html="<p>{{first_name}} {{unsubscribe_url}}</p>")

    answer = api.post(f"{path}/test", json={"emails": ["ada@example.com", "grace@example.com", "ADA@example.com"]})

    sent = answer.json["messages"]
    assert [one["email"] for one in sent] == ["ADA@example.com", "grace@example.com"]
    message = api.get(f"/api/v1/messages/{sent[1]['message_id']}").json["message"]
    assert (message["subject"], message["stream"], message["state"]) == ("Ada & Lovelace, grace@example.com", "marketing", "queued")
    assert [one["email"] for one in message["to"]] == ["grace@example.com"]
    with platform.store.read() as connection:
        rows = connection.execute(select(tables.Message.body_html, tables.Message.body_text, tables.Message.reply_to_json)).all()
    assert rows[0] == ("<p>Ada {{unsubscribe_url}}</p>", "Hi Ada, everything is 20 % off.", '{"email":"support@yourdomain.com"}')
    assert get(api, path)["total_sent"] == 0


def test_test_campaign_renders_its_template_below_its_own_subject(platform, api):
    path = campaign(api)
    api.patch(path, json={"template_id": template(api), "subject": "For {{first_name}}"})

    api.post(f"{path}/test", json={"emails": ["ada@example.com"]})

    with platform.store.read() as connection:
        row = connection.execute(select(tables.Message.subject, tables.Message.body_html)).one()
    assert row == ("For Ada", "<h1>Hi Ada,</h1><p>Welcome aboard!</p>")


def test_test_campaign_leaves_out_who_is_suppressed(platform, make):
    account_id = make.account()
    api = platform.api(account_id=account_id)
    make.suppression(account_id, "ada@example.com")
    path = campaign(api)

    partly = api.post(f"{path}/test", json={"emails": ["Ada@example.com", "grace@example.com"]}).json
    refused = api.post(f"{path}/test", json={"emails": ["ada@example.com"]})

    assert partly["suppressed"] == [{"email": "Ada@example.com", "reason": "bounced"}]
    assert [one["email"] for one in partly["messages"]] == ["grace@example.com"]
    assert (refused.status_code, refused.json["code"]) == (422, "recipients_suppressed")
    assert make.count(tables.Message) == 1


@pytest.mark.parametrize("emails", [[], ["x"], [f"a{number}@example.com" for number in range(11)]])
def test_test_campaign_names_what_is_wrong_with_the_addresses(api, emails):
    refused = api.post(f"{campaign(api)}/test", json={"emails": emails})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["emails"])


@pytest.mark.parametrize(("field", "count"), [("subject", 100), ("body_html", 50_000), ("body_text", 50_000)])
def test_test_campaign_refuses_what_renders_to_too_much(api, make, field, count):
    path = campaign(api, **{field: "{{email}}" * count})

    refused = api.post(f"{path}/test", json={"emails": [f"{'a' * 60}@example.com"]})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.Message) == 0


def test_get_campaign_progress_tells_state_and_figures(platform, api):
    path = campaign(api, "send")
    force(platform, path, status="sending", started_at=0, total_recipients=10)
    happened(platform, path, "delivered", "delivered", "hard_bounced", "soft_bounced", "unique_opened", "unsubscribed")

    progress = api.get(f"{path}/progress").json["progress"]

    assert progress == {
        "campaign_id": path.rsplit("/", 1)[1],
        "status": "sending",
        "scheduled_at": progress["scheduled_at"],
        "started_at": "1970-01-01T00:00:00Z",
        "completed_at": None,
        **{f"total_{one}": 0 for one in TOTALS},
        "total_recipients": 10,
        "total_sent": 4,
        "total_delivered": 2,
        "total_opened": 1,
        "total_bounced": 2,
        "total_unsubscribed": 1,
    }


def stream_path(path):
    return f"{path.replace('/v1', '')}/send-stream"


def frames(answer):
    return answer.get_data(as_text=True).split("\n\n")[:-1]


@pytest.mark.parametrize("state", ["draft", "paused", "cancelled", "sent", "failed"])
def test_stream_campaign_ends_at_once_where_nothing_moves(platform, api, state):
    path = campaign(api)
    force(platform, path, status=state)

    answer = api.get(stream_path(path))

    first, last = frames(answer)
    assert answer.mimetype == "text/event-stream"
    assert json.loads(first.removeprefix("data: ")) == api.get(f"{path}/progress").json["progress"]
    assert last == "data: [DONE]"


def test_stream_campaign_lasts_no_longer_than_the_setting_says(platform, api):
    path = campaign(api, "send")
    brief = platform.client(api.headers, stream_seconds=0.0)

    shown = frames(brief.get(stream_path(path)))

    assert json.loads(shown[0].removeprefix("data: "))["status"] == "scheduled"
    assert shown[1:] == ["data: [DONE]"]


def test_stream_campaign_works_with_a_browsers_session(platform):
    account_id = platform.make.account()
    path = campaign(platform.api(account_id=account_id))
    browser = platform.client({"Cookie": f"misarmail_session={platform.make.session(account_id)}"})

    assert browser.get(stream_path(path)).status_code == 200


def test_stream_campaign_shows_changes_and_stops_when_nobody_listens(platform, api):
    path = campaign(api, "send")
    id_ = path.rsplit("/", 1)[1]
    with platform.store.read() as connection:
        account_id = connection.scalar(select(tables.Campaign.account_id))
        stream = campaign_progress.follow(Context(platform.store, platform.settings, connection, Principal(account_id, "free", "any")), id_)

    first, unchanged = next(stream), next(stream)
    force(platform, path, status="sending")
    happened(platform, path, "delivered")
    changed = next(stream)
    stream.close()

    assert (b'"status":"scheduled"' in first, unchanged, b'"total_sent":1' in changed) == (True, b": still here\n\n", True)
    assert list(stream) == []


def test_stream_campaign_ends_when_the_campaign_is_deleted(platform, api):
    path = campaign(api, "send")
    with platform.store.read() as connection:
        account_id = connection.scalar(select(tables.Campaign.account_id))
        ctx = Context(platform.store, platform.settings, connection, Principal(account_id, "free", "any"))
        stream = campaign_progress.follow(ctx, path.rsplit("/", 1)[1])
    next(stream)
    platform.store.write(lambda connection: connection.execute(tables.Campaign.__table__.delete()).rowcount)

    assert list(stream) == [b"data: [DONE]\n\n"]


def test_create_campaign_takes_a_segment_of_the_account(api, platform, make):
    id_ = segment(api)
    stranger = platform.everything(make.account("eve@example.com"))

    taken = api.post("/api/v1/campaigns", json=CAMPAIGN | {"segment_id": id_})
    refused = stranger.post("/api/v1/campaigns", json=CAMPAIGN | {"segment_id": id_})

    assert taken.json["campaign"]["segment_id"] == id_
    assert refused.json["details"]["fieldErrors"] == {"segment_id": [f"There is no segment {id_}"]}
