"""Calls about sending domains that several tests make."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from misarmail_server.db import tables

MAIL = {"from": {"email": "news@example.com"}, "to": [{"email": "user@example.org"}], "subject": "Hello", "text": "Hello"}


def create(api: Any, name: str = "example.com") -> Any:
    answer = api.post("/api/v1/domains", json={"domain": name})
    assert answer.status_code == 200, answer.json
    return answer.json["domain"]


def verify(api: Any, domain: Any) -> Any:
    answer = api.post(f"/api/v1/domains/{domain['id']}/verify")
    assert answer.status_code == 200, answer.json
    return answer.json


def get(api: Any, domain: Any) -> Any:
    return api.get(f"/api/v1/domains/{domain['id']}").json["domain"]


def verified(api: Any, dns: Any, name: str = "example.com") -> Any:
    domain = create(api, name)
    dns.publish_all(domain)
    assert verify(api, domain)["verified"]
    return domain


def tenant(platform: Any, email: Any, plan: str = "enterprise") -> Any:
    return platform.everything(platform.make.account(email, plan=plan, senders="verified"))


def keys(store: Any) -> Any:
    with store.read() as connection:
        return connection.execute(select(tables.DkimKey.__table__).order_by(tables.DkimKey.generation, tables.DkimKey.algorithm)).all()
