from __future__ import annotations

from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import SEND, WELCOME


def test_list_audit_entries_shows_every_change_and_its_key(api: Api) -> None:
    created = api.post("/api/v1/templates", json=WELCOME)
    deleted = api.delete(f"/api/v1/templates/{created.json['template']['id']}")

    page = api.get("/api/v1/audit-log").json

    (key,) = api.get("/api/v1/keys").json["keys"]
    assert [(entry["operation"], entry["target"], entry["request_id"], entry["key_id"]) for entry in page["entries"]] == [
        ("delete_template", f"/api/v1/templates/{created.json['template']['id']}", deleted.headers["X-Request-Id"], key["id"]),
        ("create_template", "/api/v1/templates", created.headers["X-Request-Id"], key["id"]),
    ]
    assert page["pagination"] == {"page": 1, "limit": 20, "total": 2, "total_pages": 1}


def test_list_audit_entries_omits_refusals_and_unaudited_operations(api: Api) -> None:
    api.post("/api/v1/templates", json={})
    api.delete("/api/v1/templates/tpl_unknown")
    api.post("/api/v1/send", json=SEND)
    api.get("/api/v1/templates")

    assert api.get("/api/v1/audit-log").json["entries"] == []


def test_list_audit_entries_belongs_to_its_account(api: Api, platform: Platform, make: Make) -> None:
    api.post("/api/v1/templates", json=WELCOME)

    stranger = platform.everything(make.account("eve@example.com"))

    assert stranger.get("/api/v1/audit-log").json["entries"] == []


def test_list_audit_entries_pages(api: Api) -> None:
    for _ in range(3):
        api.post("/api/v1/templates", json=WELCOME)

    pages = [api.get(f"/api/v1/audit-log?limit=2&page={page}").json["entries"] for page in (1, 2, 3)]

    assert [len(page) for page in pages] == [2, 1, 0]


def test_list_audit_entries_has_an_import_once_however_often_it_is_repeated(api: Api) -> None:
    rows, key = {"contacts": [{"email": "ada@example.com"}]}, {"Idempotency-Key": "friday"}
    answers = [api.post("/api/v1/contacts/import", json=rows, headers=key) for _ in range(2)]

    assert answers[1].json["idempotent"] is True
    assert [entry["operation"] for entry in api.get("/api/v1/audit-log").json["entries"]] == ["import_contacts"]
