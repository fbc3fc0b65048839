"""Imports of contacts: as a whole, repeated, cut off and continued."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from contract.runtime.validators import Validators
from misarmail_server import document
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.errors import Invalid
from misarmail_server.operate.cli import main
from misarmail_server.services import contact_import_batches, contact_import_csv, contact_import_reader, contact_import_rows, idempotency
from misarmail_server.services.contact_locales import CANONICAL
from misarmail_server.settings import Settings
from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_contacts import create, emails, recounted
from tests.support.waiting import until


def post(api: Any, body: Any, query: str = "", **headers: Any) -> Any:
    data = body if isinstance(body, bytes) else body.encode()
    return api.post(f"/api/v1/contacts/import{query}", data=data, content_type="text/csv", headers=headers)


def contact(api: Any, email: Any) -> Any:
    contact = api.get(f"/api/v1/contacts?search={email}").json["contacts"][0]
    return {
        name: value for name, value in contact.items() if name not in {"id", "created_at", "updated_at"} and value not in (None, [], {})
    }


def test_import_contacts_takes_json_and_reports_bad_rows(api: Api, store: Store) -> None:
    rows = [
        {"email": "Ada@Example.com", "firstName": "Ada", "tags": ["vip"], "customFields": {"plan": "gold"}},
        {"email": "ada@@example.com"},
        {"first_name": "X"},
        {"email": "b@example.com", "surprise": 1},
        {"email": "c@example.com", "first_name": 7},
        {"email": "d@example.com", "tags": "vip"},
        {"email": "e@example.com", "status": "active"},
        {"email": "f@example.com", "custom_fields": {"a": [1]}},
        {"email": "ADA@example.com"},
        {"email": "g@example.com", "first_name": "a", "firstName": "a"},
    ]

    answer = api.post("/api/v1/contacts/import", json={"contacts": rows}).json

    assert answer["summary"] == {"imported": 1, "updated": 0, "skipped": 1, "errors": 8}
    assert [(bad["line"], bad.get("email")) for bad in answer["errors"]] == [
        (2, "ada@@example.com"),
        (3, None),
        (4, None),
        (5, "c@example.com"),
        (6, "d@example.com"),
        (7, "e@example.com"),
        (8, "f@example.com"),
        (10, None),
    ]
    assert answer["errors"][0]["reason"] == "email must be an e-mail address"
    assert contact(api, "ada") == {
        "email": "ada@example.com",
        "first_name": "Ada",
        "status": "subscribed",
        "tags": ["vip"],
        "custom_fields": {"plan": "gold"},
    }
    assert recounted(store)[0] == recounted(store)[1]


def test_import_contacts_twice_creates_no_duplicates(api: Api, make: Make, store: Store) -> None:
    rows = [{"email": f"a{number}@example.com", "tags": ["x"]} for number in range(300)]
    first = api.post("/api/v1/contacts/import", json={"contacts": rows}).json["summary"]

    again = api.post("/api/v1/contacts/import", json={"contacts": rows}).json["summary"]
    changing = api.post("/api/v1/contacts/import", json={"contacts": rows, "updateExisting": True}).json["summary"]

    assert (first["imported"], again["skipped"], changing["skipped"]) == (300, 300, 300)
    assert [make.count(each) for each in (tables.Contact, tables.ContactTag, tables.ContactEvent)] == [300, 300, 300]
    assert recounted(store)[0] == recounted(store)[1]


def test_import_contacts_changes_existing_ones_without_resubscribing(api: Api, store: Store) -> None:
    create(api, "ada@example.com", first_name="A", company="ACME", tags=["a"], custom_fields={"x": 1})
    create(api, "bob@example.com", status="unsubscribed")
    create(api, "cy@example.com", status="complained")
    rows = [
        {"email": "ada@example.com", "first_name": "Ada", "tags": ["A", "b"], "custom_fields": {"y": 2}, "status": "unsubscribed"},
        {"email": "bob@example.com", "status": "subscribed"},
        {"email": "cy@example.com", "status": "subscribed", "first_name": "Cy"},
        {"email": "new@example.com"},
        {"email": "new@example.com", "first_name": "New"},
    ]

    answer = api.post("/api/v1/contacts/import", json={"contacts": rows, "update_existing": True}).json

    assert answer["summary"] == {"imported": 1, "updated": 3, "skipped": 1, "errors": 0}
    assert contact(api, "ada") == {
        "email": "ada@example.com",
        "first_name": "Ada",
        "company": "ACME",
        "status": "unsubscribed",
        "tags": ["a", "b"],
        "custom_fields": {"x": 1, "y": 2},
    }
    assert (contact(api, "bob")["status"], contact(api, "cy")["status"], contact(api, "cy")["first_name"]) == (
        "unsubscribed",
        "complained",
        "Cy",
    )
    assert contact(api, "new")["first_name"] == "New"
    assert recounted(store)[0] == recounted(store)[1]


def test_import_contacts_refuses_a_change_beyond_the_limits_of_a_contact(api: Api) -> None:
    create(api, "ada@example.com", tags=[f"t{number}" for number in range(50)])

    answer = api.post(
        "/api/v1/contacts/import?update_existing=true", json={"contacts": [{"email": "ada@example.com", "tags": ["new"]}]}
    ).json

    assert (answer["summary"]["errors"], answer["errors"][0]["line"]) == (1, 1)


def test_import_contacts_dates_only_what_changes(api: Api, store: Store) -> None:
    for name in ("ada", "bob"):
        create(api, f"{name}@example.com", first_name=name)
    store.write(lambda connection: connection.execute(update(tables.Contact).values(updated_at=1_000)).rowcount)
    rows = [{"email": "ada@example.com", "first_name": "Ada"}, {"email": "bob@example.com", "first_name": "bob"}]

    api.post("/api/v1/contacts/import?update_existing=true", json={"contacts": rows})

    dates = {row["email"]: row["updated_at"] for row in api.get("/api/v1/contacts").json["contacts"]}
    assert (dates["bob@example.com"], dates["ada@example.com"] > "2020") == ("1970-01-01T00:00:01Z", True)


def test_import_contacts_takes_an_internationalized_domain_in_json(api: Api) -> None:
    rows = [{"email": "info@MÜNCHEN.example"}, {"email": "info@xn--mnchen-3ya.example"}]

    assert api.post("/api/v1/contacts/import", json={"contacts": rows}).json["summary"]["skipped"] == 1
    assert emails(api) == ["info@xn--mnchen-3ya.example"]


def test_import_contacts_continues_after_unreadable_rows(api: Api) -> None:
    body = "email,name\na@example.com,x,y\nb@example.com," + "z" * 140_000 + "\nc@example.com\n"

    answer = post(api, body).json

    assert [bad["line"] for bad in answer["errors"]] == [2, 3]
    assert emails(api) == ["c@example.com"]


def test_import_contacts_names_the_first_thousand_bad_rows_and_counts_all(api: Api) -> None:
    answer = post(api, "email\n" + "bad\n" * 5000).json

    assert (answer["summary"]["errors"], len(answer["errors"]), answer["errors"][-1]["line"]) == (5000, 1000, 1001)


def test_import_contacts_over_the_plan_imports_none(platform: Platform, make: Make) -> None:
    api = platform.api(account_id=make.account(plan="free"))
    create(api, "a1@example.com")
    rows = "email\n" + "".join(f"a{number}@example.com\n" for number in range(1, 502))

    refused = post(api, rows)
    fits = post(api, rows.replace("a501@example.com\n", ""))

    assert (refused.status_code, refused.json["code"]) == (403, "plan_limit_exceeded")
    assert fits.json["summary"] == {"imported": 499, "updated": 0, "skipped": 1, "errors": 0}
    assert post(api, rows).status_code == 403
    assert api.get("/api/v1/contacts").json["pagination"]["total"] == 500


def test_import_contacts_takes_a_csv_larger_than_other_bodies(platform: Platform, api: Api) -> None:
    small = platform.client(api.headers, body_limit=1000)

    answer = post(small, "email\n" + "".join(f"a{number}@example.com\n" for number in range(200)))

    assert answer.json["summary"]["imported"] == 200


def test_import_contacts_is_answered_once_for_an_idempotency_key(api: Api, make: Make) -> None:
    first = post(api, "email\nada@example.com\n", **{"Idempotency-Key": "k1"})
    again = post(api, "email\nada@example.com\n", **{"Idempotency-Key": "k1"})
    other = post(api, "email\nbob@example.com\n", **{"Idempotency-Key": "k1"})
    in_body = api.post("/api/v1/contacts/import", json={"contacts": [{"email": "bob@example.com"}], "idempotency_key": "k1"})

    assert "idempotent" not in first.json
    assert again.json == first.json | {"idempotent": True}
    assert [(each.status_code, each.json["code"]) for each in (other, in_body)] == [(409, "idempotency_mismatch")] * 2
    assert make.count(tables.Contact) == 1


def test_import_contacts_from_the_command_line(
    chosen: Settings, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make.account()
    monkeypatch.setenv("MISARMAIL_STATE", str(chosen.state))
    monkeypatch.setenv("MISARMAIL_DATABASE_URL", chosen.database_url)
    file = tmp_path / "contacts.csv"
    file.write_text("email\nada@example.com\nbad\n")

    codes = [
        main(["import", "contacts", str(file)]),
        main(["import", "contacts", str(file), "--account", "ada@example.com", "--update-existing"]),
    ]

    output = capsys.readouterr().out.splitlines()
    assert codes == [0, 0]
    assert output[:2] == ["line 3: bad: email must be an e-mail address", "1 imported, 0 updated, 0 skipped, 1 with errors"]
    assert output[3] == "0 imported, 0 updated, 1 skipped, 1 with errors"
    file.write_bytes(b"\xff")
    assert main(["import", "contacts", str(file)]) == 2


def test_rows_are_validated_as_the_contract_validates_a_contact() -> None:
    judge = Validators(document.bundle()).at("/components/schemas/ContactCreate").is_valid
    random_ = random.Random(7)
    pieces = ["a", "A", ".", "@", "-", "b.co", "y--", "_", "é", " ", "\n", "x" * 63, "1", "+", "'"]
    for _ in range(20_000):
        email = "".join(random_.choice(pieces) for _ in range(random_.randint(1, 7)))
        if not email.rpartition("@")[2].isascii():  # its A-labels decide
            continue
        assert contact_import_rows.is_bad(contact_import_rows.validate_row(1, {"email": email})) != judge({"email": email}), email
    lines = {name: most for name, most in contact_import_rows.MAX_LENGTH.items() if name not in CANONICAL}  # others have more rules
    odd: list[Any] = ["x" * 1000, "x" * 1001, "a\n", 2**53, -(2**53) + 1, True, [], {}]
    values: Any = (
        *((name, "x" * length) for name, most in lines.items() for length in (most, most + 1)),
        *((name, f"a{sign}b") for name in lines for sign in ("\n", "\x7f", "\u00a0", "\u2028")),
        *(("tags", [tag]) for tag in ("", "x" * 64, "x" * 65, "a;b", "a b")),
        *(("custom_fields", {key: 1}) for key in ("", "x" * 100, "x" * 101, 'a"', "a\\", "é b")),
        *(("custom_fields", {"a": value}) for value in odd),
    )
    for name, value in values:
        row = {"email": "ada@example.com", name: value}
        assert contact_import_rows.is_bad(contact_import_rows.validate_row(1, row)) != judge(row), row


def test_import_contacts_from_the_command_line_reports_an_unreadable_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.csv"
    folder.mkdir()

    with pytest.raises(Invalid) as refused:
        list(contact_import_reader.rows(folder))

    assert refused.value.reason == "Cannot be read: Is a directory"


def test_import_contacts_holds_every_contact_to_its_number_of_custom_fields(api: Api) -> None:
    create(api, "ada@example.com", custom_fields={f"a{number}": 1 for number in range(60)})
    half = {f"b{number}": 1 for number in range(60)}
    rows = [
        {"email": "ada@example.com", "custom_fields": half},
        {"email": "bob@example.com", "custom_fields": half},
        {"email": "bob@example.com", "custom_fields": {f"c{number}": 1 for number in range(60)}},
        {"email": "cleo@example.com", "first_name": "Cleo"},
    ]
    create(api, "cleo@example.com")

    answer = api.post("/api/v1/contacts/import?update_existing=true", json={"contacts": rows}).json

    assert answer["summary"] == {"imported": 1, "updated": 1, "skipped": 0, "errors": 2}
    assert [(bad["line"], bad["reason"].partition(":")[0]) for bad in answer["errors"]] == [(1, "custom_fields"), (3, "custom_fields")]
    assert contact(api, "bob")["custom_fields"] == half


def test_import_contacts_takes_an_export_with_more_names_than_a_contact_has_fields(api: Api) -> None:
    for number in range(3):
        create(api, f"a{number}@example.com", custom_fields={f"c{number}x{name}": "1" for name in range(50)})
    exported = api.get("/api/v1/contacts/export").data
    for name in ("a0", "a1", "a2"):
        id_ = api.get(f"/api/v1/contacts?search={name}").json["contacts"][0]["id"]
        assert api.delete(f"/api/v1/contacts/{id_}").status_code == 200

    answer = post(api, exported).json

    assert answer["summary"] == {"imported": 3, "updated": 0, "skipped": 0, "errors": 0}
    assert contact(api, "a1")["custom_fields"] == {f"c1x{name}": "1" for name in range(50)}


class Killed(BaseException):
    """The end of a process in the middle of a call."""


@pytest.mark.parametrize("is_told", [True, False])
def test_import_contacts_continues_after_its_process_was_killed(
    platform: Platform, api: Api, store: Store, monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    body = "email\nbad\n" + "".join(f"a{number}@example.com\n" for number in range(9_000)) + "worse\n"
    key = {"Idempotency-Key": "k1"}
    whole = contact_import_batches.store
    batches: list[int] = []

    def dies(*args: Any, **options: Any) -> Any:
        batches.append(1)
        if len(batches) == 3:
            raise Killed
        return whole(*args, **options)

    monkeypatch.setattr(contact_import_batches, "store", dies)
    if not is_told:  # nor can a killed process release its key
        monkeypatch.setattr(idempotency.Lease, "release", lambda *_: None)
    with pytest.raises(Killed):
        post(api, body, **key)
    if not is_told:
        in_flight = post(api, body, **key)
        assert (in_flight.json["code"], 1 <= int(in_flight.headers["Retry-After"]) <= 30) == ("idempotency_in_flight", True)
        store.write(lambda connection: connection.execute(update(tables.Idempotency).values(lease_until=1)).rowcount)

    answer = post(platform.client(api.headers), body, **key).json

    assert answer["summary"] == {"imported": 9_000, "updated": 0, "skipped": 0, "errors": 2}
    assert [bad["line"] for bad in answer["errors"]] == [2, 9_003]
    assert post(api, body, **key).json == answer | {"idempotent": True}
    assert recounted(store)[0] == recounted(store)[1]


def test_import_contacts_that_was_cut_off_is_not_continued_with_another_file(api: Api, store: Store) -> None:
    post(api, "email\nada@example.com\n", **{"Idempotency-Key": "k1"})
    cut_off = update(tables.Idempotency).values(status=0, answer=b"", lease_until=1)
    store.write(lambda connection: connection.execute(cut_off).rowcount)

    assert post(api, "email\nbob@example.com\n", **{"Idempotency-Key": "k1"}).json["code"] == "idempotency_mismatch"
    assert post(api, "email\nada@example.com\n", **{"Idempotency-Key": "k1"}).json["summary"]["skipped"] == 1


def test_a_lease_is_renewed_while_its_call_runs(api: Api, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "RENEWAL_SECONDS", 0.001)
    whole = contact_import_csv.rows
    renewed = []

    def slow(open_: Any) -> Any:
        store.write(lambda connection: connection.execute(update(tables.Idempotency).values(lease_until=1)).rowcount)
        renewed.append(until(lambda: lease(store), lambda until_: until_ > 1))
        return whole(open_)

    monkeypatch.setattr(contact_import_csv, "rows", slow)

    assert post(api, "email\nada@example.com\n", **{"Idempotency-Key": "k1"}).json["summary"]["imported"] == 1
    assert renewed


def lease(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(tables.Idempotency.lease_until)) or 0
