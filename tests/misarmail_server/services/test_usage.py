from __future__ import annotations

import pytest

from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import CALLS, SEND, WELCOME

# A call that makes one more of each feature.
MADE_BY = {
    "emails": "send_email",
    "contacts": "create_contact",
    "campaigns": "create_campaign",
    "templates": "create_template",
    "automations": "create_automation",
    "custom_domains": "create_domain",
    "dedicated_ips": "create_dedicated_ip",
    "api_keys": "create_key",
}


def test_get_usage_counts_usage(platform: Platform, make: Make) -> None:
    api = platform.api(account_id=make.account(plan="free"))
    api.post("/api/v1/templates", json=WELCOME)
    api.post("/api/v1/send", json=SEND)

    answer = api.get("/api/v1/usage").json

    assert (answer["plan"], answer["usage"]["templates"], answer["usage"]["emails_sent"], answer["usage"]["api_keys"]) == ("free", 1, 1, 1)
    assert (answer["limits"]["templates"], answer["limits"]["emails_per_month"]) == (10, 1_000)


def test_get_plan_shows_remaining_allowances(platform: Platform, make: Make) -> None:
    api = platform.api("read", account_id=make.account(plan="free"))

    answer = api.get("/api/v1/plan").json

    assert answer["plan"] == {"slug": "free", "name": "Free"}
    left = {each["feature"]: each["remaining"] for each in answer["usage"]}
    assert (left["templates"], left["emails"], left["api_keys"]) == (10, 1_000, 0)


def test_get_plan_of_an_unlimited_account_has_no_limits(api: Api) -> None:
    left = {each["feature"]: (each["limit"], each["remaining"]) for each in api.get("/api/v1/plan").json["usage"]}

    assert (left["templates"], left["dedicated_ips"]) == ((None, None), (5, 5))


def used(api: Api, feature: str) -> int:
    return next(int(each["used"]) for each in api.get("/api/v1/plan").json["usage"] if each["feature"] == feature)


@pytest.mark.parametrize(("feature", "operation"), MADE_BY.items())
def test_get_plan_counts_what_is_the_account_s_own(platform: Platform, make: Make, api: Api, feature: str, operation: str) -> None:
    """A count of everything else's would refuse the first domain of an account because others have some."""
    other = platform.everything(make.account("other@example.com"))
    before = used(api, feature), used(other, feature)
    method, path, options = CALLS[operation](api)

    assert api(method, path, **options).status_code < 300

    assert (used(api, feature), used(other, feature)) == (before[0] + 1, before[1])
