from __future__ import annotations

from misarmail_server.services import billing, tenants
from tests.conftest import Api, Make, Platform


def test_get_subscription_shows_limits_and_usage(platform: Platform, make: Make) -> None:
    api = platform.everything(make.account(plan="pro"))

    answer = api.get("/api/billing/subscription").json

    assert (answer["subscription"]["plan"], answer["subscription"]["status"]) == ("pro", "active")
    assert (answer["limits"]["emails_per_month"], answer["limits"]["campaigns_per_month"]) == (25_000, None)
    assert answer["usage"]["api_keys"] == 1
    assert [answer["subscription"][name] for name in ("trial_ends_at", "cancel_at_period_end", "overage_enabled")] == [None, False, False]


def test_create_checkout_waits_for_the_operator(platform: Platform, make: Make) -> None:
    account_id = make.account(plan="free")
    api = platform.everything(account_id)

    ordered = api.post("/api/billing/checkout", json={"plan": "pro", "period": "yearly"})
    waiting = api.get("/api/billing/subscription").json["subscription"]
    platform.store.write(lambda connection: billing.confirm(connection, account_id))
    after = api.get("/api/billing/subscription").json["subscription"]

    assert ordered.json["url"] == f"{platform.settings.public_url}/billing"
    assert (waiting["plan"], waiting["status"], waiting["ordered_plan"]) == ("free", "pending", "pro")
    assert (after["plan"], after["status"], after["ordered_plan"]) == ("pro", "active", None)


def test_create_checkout_takes_the_place_of_an_earlier_order(platform: Platform, make: Make) -> None:
    api = platform.everything(make.account(plan="free"))

    for plan in ("pro", "max"):
        api.post("/api/billing/checkout", json={"plan": plan})

    with platform.store.read() as connection:
        assert [each.plan for each in billing.waiting(connection)] == ["max"]


def test_create_checkout_refuses_the_plan_it_has(api: Api) -> None:
    refused = api.post("/api/billing/checkout", json={"plan": "enterprise"})

    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")


def test_create_portal_answers_a_page_that_exists(api: Api, platform: Platform) -> None:
    url = api.post("/api/billing/portal").json["url"]

    assert url == f"{platform.settings.public_url}/billing"


def test_orders_are_confirmed_for_their_account(platform: Platform, make: Make) -> None:
    first, second = make.account("ada@example.com", plan="free"), make.account("eve@example.com", plan="free")
    platform.everything(first).post("/api/billing/checkout", json={"plan": "max"})

    platform.store.write(lambda connection: billing.confirm(connection, first))

    with platform.store.read() as connection:
        assert [tenants.find(connection, email).plan for email in ("ada@example.com", "eve@example.com")] == ["max", "free"]
    assert second != first
