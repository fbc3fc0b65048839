from __future__ import annotations

from tests.conftest import Api
from tests.support.calls.topics import topic


def test_create_topic_returns_the_topic(api: Api) -> None:
    made = api.post("/api/v1/topics", json={"name": "Spring sale"}).json["topic"]

    assert (made["name"], api.get(f"/api/v1/topics/{made['id']}").json["topic"]) == ("Spring sale", made)


def test_create_topic_refuses_a_taken_name(api: Api) -> None:
    topic(api, "Spring sale")

    refused = api.post("/api/v1/topics", json={"name": "Spring sale"})

    assert (refused.status_code, refused.json["code"]) == (409, "already_exists")
    assert api.get("/api/v1/topics").json["total"] == 1


def test_list_topics_is_newest_first(api: Api) -> None:
    for name in ("a", "b", "c"):
        topic(api, name)

    page = api.get("/api/v1/topics?limit=2").json

    assert ([each["name"] for each in page["topics"]], page["total"]) == (["c", "b"], 3)


def test_get_topic_refuses_an_unknown_id(api: Api) -> None:
    assert api.get("/api/v1/topics/top_1").json["code"] == "not_found"


def test_update_topic_changes_the_name(api: Api) -> None:
    path = topic(api)

    changed = api.patch(path, json={"name": "Summer sale"}).json["topic"]

    assert (changed["name"], api.get(path).json["topic"]) == ("Summer sale", changed)


def test_update_topic_refuses_a_taken_name(api: Api) -> None:
    path = topic(api, "a")
    topic(api, "b")

    refused = api.patch(path, json={"name": "b"})

    assert (refused.status_code, refused.json["code"]) == (409, "already_exists")
    assert api.get(path).json["topic"]["name"] == "a"


def test_delete_topic_is_refused_the_second_time(api: Api) -> None:
    path = topic(api)

    assert [api.delete(path).status_code, api.delete(path).status_code] == [200, 404]
