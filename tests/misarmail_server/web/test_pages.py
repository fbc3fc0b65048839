"""Pages that API responses point to."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from misarmail_server.app import create_app
from tests.conftest import Platform


@pytest.fixture
def browse(platform: Platform) -> Any:
    return Client(create_app(platform.settings, platform.store).wsgi_app, use_cookies=False)


def test_pricing_shows_every_plan(browse: Any) -> None:
    page = browse.get("/pricing")

    assert page.status_code == 200
    assert all(word in page.text for word in ("Free", "Pro", "Max", "Enterprise", "25,000", "unlimited"))
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_billing_shows_the_order_to_its_account(browse: Any, platform: Platform) -> None:
    cookie = f"misarmail_session={platform.make.session(platform.make.account(plan='free'))}"
    browse.post("/api/billing/checkout", json={"plan": "pro"}, headers={"Cookie": cookie})

    assert "<strong>pro</strong> is ordered" in browse.get("/billing", headers={"Cookie": cookie}).text
    assert "Sign in" in browse.get("/billing").text


def test_reset_password_page_escapes_its_token(browse: Any) -> None:
    page = browse.get("/reset-password?token=%22%3E%3Cscript%3E").text

    assert "<script>" not in page
    assert 'data-api="/api"' in page
    assert '<script src="/static/reset_password.js">' in page
    with browse.get("/static/reset_password.js") as script:
        assert b"/password-reset/confirm" in script.data


@pytest.mark.parametrize("path", ["/reset-password", "/reset-password?token=", "/reset-password?token=%20"])
def test_reset_password_page_without_a_token_says_what_to_do(browse: Any, path: str) -> None:
    page = browse.get(path)

    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "This link is not complete" in page.text
    assert "<form" not in page.text


def test_an_unknown_page_is_a_page_for_browsers_and_a_sentence_for_programs(browse: Any) -> None:
    page = browse.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"})
    plain = browse.get("/nowhere", headers={"Accept": "*/*"})

    assert (page.status_code, page.mimetype, "There is no such page" in page.text, "/docs" in page.text) == (404, "text/html", True, True)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (plain.status_code, plain.mimetype, plain.text) == (404, "text/plain", "There is no such page\n")
