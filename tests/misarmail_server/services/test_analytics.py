from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from misarmail_server.context import DAY, HOUR, now
from misarmail_server.db import tables
from misarmail_server.events import record as events_record
from misarmail_server.events.record import EmailEvent
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import SEND
from tests.support.calls.marketing import campaign

TODAY = now() // DAY * DAY


@pytest.fixture
def happen(api: Api, platform: Platform) -> Any:
    """Records events of one kind for the account of `api`."""
    message_id = api.post("/api/v1/send", json=SEND).json["message_id"]

    def record(kind: Any, *times: int, campaign_id: Any = None, url: Any = None) -> None:
        rows = [EmailEvent(message_id, api.account_id, "user@example.com", kind, kind, at, campaign_id, url=url) for at in times]
        platform.store.write(lambda connection: events_record.record_events(connection, rows))

    return record


def day(at: Any) -> Any:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def metrics(api: Any, query: str = "") -> Any:
    return api.get(f"/api/v1/analytics/overview?{query}").json["metrics"]


def recounted(platform: Any, span: Any, length: Any) -> Any:
    """(counts of the event rows, stored counts), by account, time and kind."""
    event, counts = tables.Event, tables.EventCount
    began_at = event.at - event.at % length
    rows = select(event.account_id, began_at, event.kind, func.count()).where(event.kind.is_not(None))
    kept = select(counts.account_id, counts.began_at, counts.kind, func.sum(counts.count))
    kept = kept.where(counts.campaign_id == "", counts.span == span)
    with platform.store.read() as connection:
        result = connection.execute(rows.group_by(event.account_id, began_at, event.kind))
        sums = connection.execute(kept.group_by(counts.account_id, counts.began_at, counts.kind))
        return sorted(map(tuple, result)), sorted((*row[:3], int(row[3])) for row in sums)


def test_get_analytics_overview_counts_events(api: Api, happen: Any) -> None:
    happen("delivered", *[TODAY] * 95)
    happen("hard_bounced", *[TODAY] * 3)
    happen("soft_bounced", *[TODAY] * 2)
    happen("opened", *[TODAY] * 50)
    happen("unique_opened", *[TODAY] * 40)
    happen("machine_opened", *[TODAY] * 7)
    happen("unique_clicked", *[TODAY] * 10)
    happen("complained", TODAY)
    happen("deferred", TODAY)

    result = metrics(api)

    assert (result["sends"], result["delivered"], result["bounces"], result["hard_bounces"], result["soft_bounces"]) == (100, 95, 5, 3, 2)
    assert (result["opens"], result["unique_opens"], result["machine_opens"]) == (50, 40, 7)
    assert (result["open_rate"], result["click_rate"], result["bounce_rate"], result["complaint_rate"]) == (0.4, 0.1, 0.05, 0.01)


def test_get_analytics_overview_without_mail_is_zero(api: Api) -> None:
    assert set(metrics(api).values()) == {0}


def test_get_analytics_overview_counts_whole_days_in_utc(api: Api, happen: Any) -> None:
    happen("delivered", TODAY - 2 * DAY - 1, TODAY - 2 * DAY, TODAY - DAY - 1, TODAY - DAY)

    answer = api.get(f"/api/v1/analytics/overview?from={day(TODAY - 2 * DAY)}&to={day(TODAY - 2 * DAY)}T10:00:00Z").json

    assert answer["metrics"]["delivered"] == 2
    assert answer["period"] == {"from": f"{day(TODAY - 2 * DAY)}T00:00:00Z", "to": f"{day(TODAY - 2 * DAY)}T23:59:59Z"}


def test_get_analytics_overview_of_thirty_days_spans_thirty_one(api: Api) -> None:
    period = api.get("/api/v1/analytics/overview").json["period"]

    assert (period["from"][:10], period["to"][:10]) == (day(TODAY - 30 * DAY), day(TODAY))


def test_get_analytics_overview_of_a_campaign(api: Api, happen: Any) -> None:
    item, other = (campaign(api).rsplit("/", 1)[1] for _ in range(2))
    happen("delivered", TODAY, campaign_id=item)
    happen("delivered", TODAY, TODAY)

    assert [metrics(api, query)["sends"] for query in (f"campaign_id={item}", f"campaign_id={other}", "")] == [1, 0, 3]


@pytest.mark.parametrize("path", ["/api/v1/analytics/overview", "/api/v1/analytics"])
def test_get_analytics_overview_knows_only_the_accounts_own_campaigns(api: Api, platform: Platform, make: Make, path: str) -> None:
    id_ = campaign(api).rsplit("/", 1)[1]
    stranger = platform.everything(make.account("eve@example.com"))

    for refused in (api.get(f"{path}?campaign_id=camp_1"), stranger.get(f"{path}?campaign_id={id_}")):
        assert (refused.status_code, refused.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(("group_by", "starts"), [("hour", [TODAY - DAY, TODAY - DAY + HOUR, TODAY]), ("day", [TODAY - DAY, TODAY])])
def test_get_analytics_overview_groups_by_hour_or_day(api: Api, happen: Any, group_by: str, starts: Any) -> None:
    happen("delivered", TODAY - DAY, TODAY - DAY + HOUR, TODAY)

    timeline = api.get(f"/api/v1/analytics/overview?period=7d&group_by={group_by}").json["timeline"]

    assert [datetime.fromisoformat(row["at"]).timestamp() * 1000 for row in timeline] == starts
    assert sum(row["sends"] for row in timeline) == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-02-30", "from"),
        ("from=yesterday", "from"),
        ("from=2026-03-02&to=2026-03-01", "from"),
        ("from=2000-01-01", "from"),
        ("to=0001-01-05", "to"),
        ("period=1d", "period"),
        ("group_by=week", "group_by"),
    ],
)
def test_get_analytics_overview_names_the_wrong_parameter(api: Api, query: str, field: str) -> None:
    refused = api.get(f"/api/v1/analytics/overview?{query}")

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])


@pytest.mark.parametrize("day", ["2026-02-29", "2100-02-29", "2026-04-31", "0000-01-01", "2026-03-01T24:00:00Z", "2026-03-01T10-00Z"])
def test_get_analytics_refuses_a_day_that_does_not_exist(api: Api, day: str) -> None:
    refused = api.get(f"/api/v1/analytics?end_date={day}")

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["end_date"])


@pytest.mark.parametrize("day", ["2024-02-29", "2000-02-29", "2026-01-31", "2026-03-01T23:59Z", "2026-03-01T10:00:00.123%2B05:30"])
def test_get_analytics_takes_each_day_that_exists(api: Api, day: str) -> None:
    assert api.get(f"/api/v1/analytics?end_date={day}").status_code == 200


def test_get_analytics_overview_begins_in_the_first_year_of_the_contract(api: Api) -> None:
    answer = api.get("/api/v1/analytics/overview?to=1000-01-01").json

    assert answer["period"]["from"] == "0999-12-02T00:00:00Z"


def test_get_analytics_names_its_days_otherwise(api: Api, happen: Any) -> None:
    happen("delivered", TODAY)

    same = api.get(f"/api/v1/analytics?start_date={day(TODAY)}&end_date={day(TODAY)}").json
    refused = api.get("/api/v1/analytics?start_date=2026-03-02&end_date=2026-03-01")

    assert same["metrics"] == metrics(api)
    assert refused.json["details"]["fieldErrors"] == {"start_date": ["Must not be after end_date"]}


def test_get_analytics_overview_hides_the_mail_of_others(platform: Platform, happen: Any) -> None:
    happen("delivered", TODAY)

    assert metrics(platform.api(account_id=platform.make.account("eve@example.com")))["sends"] == 0


@pytest.mark.parametrize(("span", "length"), [("hour", HOUR), ("day", DAY)])
def test_counts_equal_a_recount_of_the_rows(platform: Platform, happen: Any, span: str, length: Any) -> None:
    for number in range(50):
        happen("delivered", TODAY + number * HOUR // 7, TODAY)
        happen(("opened", "soft_bounced", "deferred")[number % 3], TODAY - number * HOUR)

    rows, kept = recounted(platform, span, length)

    assert rows == kept
    assert len(rows) > 5


def test_get_campaign_analytics_has_links_and_a_timeline(api: Api, happen: Any) -> None:
    id_ = campaign(api).rpartition("/")[2]
    happen("delivered", TODAY, TODAY, TODAY + HOUR, campaign_id=id_)
    happen("hard_bounced", TODAY, campaign_id=id_)
    for url, kinds in (("https://example.com/a", ["clicked", "clicked", "unique_clicked"]), ("https://example.com/b", ["clicked"])):
        for kind in kinds:
            happen(kind, TODAY, campaign_id=id_, url=url)
    happen("clicked", TODAY, url="https://example.com/elsewhere")

    answer = api.get(f"/api/v1/analytics/campaigns/{id_}?group_by=hour").json

    assert (answer["campaign"]["id"], answer["campaign"]["status"]) == (id_, "draft")
    assert (answer["metrics"]["total_sent"], answer["metrics"]["total_delivered"], answer["metrics"]["total_clicked"]) == (4, 3, 1)
    assert (answer["metrics"]["clicks"], answer["metrics"]["unique_clicks"]) == (3, 1)
    assert (answer["metrics"]["click_rate"], answer["metrics"]["bounce_rate"]) == (0.25, 0.25)
    assert answer["links"] == [
        {"url": "https://example.com/a", "clicks": 2, "unique_clicks": 1},
        {"url": "https://example.com/b", "clicks": 1, "unique_clicks": 0},
    ]
    assert [row["sends"] for row in answer["timeline"]] == [3, 1]


def test_get_campaign_analytics_refuses_an_unknown_campaign(api: Api) -> None:
    assert api.get("/api/v1/analytics/campaigns/camp_1").status_code == 404


@pytest.mark.parametrize(("first", "status"), [("2024-01-01", 200), ("2023-12-31", 400)])
def test_get_analytics_overview_covers_at_most_two_leap_years(api: Api, first: str, status: int) -> None:
    answer = api.get(f"/api/v1/analytics/overview?from={first}&to=2026-01-01")

    assert answer.status_code == status
