"""Calls about sending domains that several tests make."""

from __future__ import annotations

from sqlalchemy import select

from misarmail_server.db import tables

MAIL = {"from": {"email": "news@example.com"}, "to": [{"email": "user@example.org"}], "subject": "Hello", "text": "Hello"}


def create(api, name="example.com"):
    answer = api.post("/api/v1/domains", json={"domain": name})
    assert answer.status_code == 200, answer.json
    return answer.json["domain"]


def verify(api, domain):
    answer = api.post(f"/api/v1/domains/{domain['id']}/verify")
    assert answer.status_code == 200, answer.json
    return answer.json


def get(api, domain):
    return api.get(f"/api/v1/domains/{domain['id']}").json["domain"]


def verified(api, dns, name="example.com"):
    domain = create(api, name)
    dns.publish_all(domain)
    assert verify(api, domain)["verified"]
    return domain


def tenant(platform, email, plan="enterprise"):
    return platform.everything(platform.make.account(email, plan=plan, senders="verified"))


def keys(store):
    with store.read() as connection:
        return connection.execute(select(tables.DkimKey.__table__).order_by(tables.DkimKey.generation, tables.DkimKey.algorithm)).all()
