"""A contact unsubscribes while the owner changes it: there is no deadlock, and a contact that is not subscribed is suppressed."""

from __future__ import annotations

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
