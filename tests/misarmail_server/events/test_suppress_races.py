"""A contact unsubscribes while the owner changes it: there is no deadlock, and a contact that is not subscribed is suppressed."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.events import suppress
from misarmail_server.events.suppress import SuppressionCause
from tests.conftest import Platform

ADDRESS = "ada@example.com"
ROUNDS = 12


def test_leaving_and_being_changed_at_once_fit_together(platform: Platform) -> None:
    api = platform.everything()
    contact_id = api.post("/api/v1/contacts", json={"email": ADDRESS}).json["contact"]["id"]

    def leave(_: int) -> int:
        platform.store.write(
            lambda connection: suppress.apply(connection, [SuppressionCause(api.account_id, ADDRESS, "unsubscribed")], now())
        )
        return 200

    def change(number: int) -> int:
        status = ("subscribed", "unsubscribed")[number % 2]
        return api.patch(f"/api/v1/contacts/{contact_id}", json={"status": status}).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(work, number) for number in range(ROUNDS) for work in (leave, change)]
        assert {answer.result() for answer in answers} == {200}

    with platform.store.read() as connection:
        status = connection.scalar(select(tables.Contact.status))
        reasons = list(connection.scalars(select(tables.Suppression.reason)))
    assert reasons == ([] if status == "subscribed" else ["unsubscribed"])


def test_a_contact_that_is_created_while_its_address_is_suppressed_gets_the_status(platform: Platform) -> None:
    api = platform.everything()
    addresses = [f"{number}@example.com" for number in range(ROUNDS)]

    def create(address: str) -> int:
        return api.post("/api/v1/contacts", json={"email": address}).status_code

    def import_(address: str) -> int:
        return api.post("/api/v1/contacts/import", json={"contacts": [{"email": address}]}).status_code

    def complain(address: str) -> int:
        return api.post("/api/v1/suppressions", json={"email": address, "reason": "complained"}).status_code

    def lift(address: str) -> int:
        return api.delete(f"/api/v1/suppressions/{address}").status_code

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(work, address) for address in addresses for work in (create, complain, import_, lift)]
        assert {answer.result() for answer in answers} <= {200, 404, 409}

    with platform.store.read() as connection:
        contact, suppression, counted = tables.Contact, tables.Suppression, tables.ContactCount
        statuses = {each.email: each.status for each in connection.execute(select(contact.email, contact.status))}
        reasons = {each.address: each.reason for each in connection.execute(select(suppression.address, suppression.reason))}
        numbers = {status: count for status, count in connection.execute(select(counted.status, counted.count)) if count}
    assert statuses == {address: reasons.get(address, "subscribed") for address in addresses}
    assert numbers == Counter(statuses.values())
