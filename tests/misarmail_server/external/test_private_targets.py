from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.errors import Invalid
from misarmail_server.external.private_targets import require_public
from tests.conftest import Platform

PRIVATE = [
    "http://localhost:3000/hook",
    "https://app.localhost",
    "http://127.0.0.1/",
    "http://127.1:8080",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://017700000001/",
    "http://10.1.2.3",
    "http://172.31.255.255",
    "https://192.168.1.5/hook",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1",
    "http://0.0.0.0",
    "http://[::1]:3000/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://app:3000/hook",
    "https://printer.local",
    "https://db.prod.internal./",
    "http://nas.home.arpa",
]
PUBLIC = [
    "https://hooks.example.com/mail",
    "http://8.8.8.8",
    "https://[2606:4700::1111]/",
    "https://1e100.net",
    "https://localhost.example.com",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_private_targets_are_refused_unless_they_are_allowed(url: str) -> None:
    with pytest.raises(Invalid):
        require_public(url, "url", allows_private=False)
    require_public(url, "url", allows_private=True)


@pytest.mark.parametrize("url", PUBLIC)
def test_public_targets_are_accepted(url: str) -> None:
    require_public(url, "url", allows_private=False)


def test_every_stored_target_is_refused_when_it_is_named(platform: Platform) -> None:
    api = platform.client(platform.everything().headers, allows_private_targets=False)
    local, public = "http://localhost:3000/hook", "https://hooks.example.com/mail"
    sentence = "Must not be in a private network, unless the operator allows it with MISARMAIL_PRIVATE_TARGETS=on"
    hook = api.post("/api/v1/webhooks", json={"url": public, "events": ["email.sent"]}).json["webhook"]["id"]
    domain = api.post("/api/v1/inbound", json={"subdomain": "in.example.org", "webhook_url": public}).json["domain"]["id"]

    answers: list[Any] = [
        api.post("/api/v1/webhooks", json={"url": local, "events": ["email.sent"]}),
        api.patch(f"/api/v1/webhooks/{hook}", json={"url": local}),
        api.post("/api/v1/inbound", json={"subdomain": "b.example.org", "webhook_url": local}),
        api.patch(f"/api/v1/inbound/{domain}", json={"webhook_url": local}),
    ]

    assert [(answer.status_code, answer.json["details"]["fieldErrors"]) for answer in answers] == [
        (400, {"url": [sentence]}),
        (400, {"url": [sentence]}),
        (400, {"webhook_url": [sentence]}),
        (400, {"webhook_url": [sentence]}),
    ]
