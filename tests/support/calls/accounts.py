"""One valid call of each operation around accounts: signing in, connected accounts, billing, usage."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from misarmail_server.db import tables
from tests.support.matching import matched
from tests.support.servers.login_servers import PASSWORD, imap_port, smtp_port

CALLS: dict[str, Any] = {
    "get_session": lambda _: ("GET", "/api/session", {}),
    "sign_in": lambda api: (
        "POST",
        "/api/session",
        {"json": {"email": "ada@example.com", "password": api.make.password(api.account_id, PASSWORD)}},
    ),
    "sign_out": lambda _: ("DELETE", "/api/session", {}),
    "request_password_reset": lambda _: ("POST", "/api/password-reset", {"json": {"email": "ada@example.com"}}),
    "reset_password": lambda api: (
        "POST",
        "/api/password-reset/confirm",
        {"json": {"token": api.make.reset_token(api.account_id), "password": PASSWORD}},
    ),
}

CONNECT = {
    "email": "ada@example.com",
    "name": "Ada Lovelace",
    "imap_host": "127.0.0.1",
    "smtp_host": "127.0.0.1",
    "username": "ada@example.com",
    "password": PASSWORD,
}


def connect(**changed: Any) -> dict[str, Any]:
    """The body that connects an account."""
    return CONNECT | {"imap_port": imap_port(), "smtp_port": smtp_port()} | changed


def _connected(api: Any) -> str:
    return str(api.post("/api/accounts", json=connect()).json["account"]["id"])


def mailed_code(api: Any) -> str:
    """The code of the newest mail of the platform, which no key of a tenant can read."""
    with api.make.store.read() as connection:
        mails = connection.scalars(select(tables.Message.body_text).order_by(tables.Message.created_at, tables.Message.id)).all()
    return matched(r"within 15 minutes: (\d{8})", mails[-1] or "")[1]


def _verification(api: Any) -> tuple[str, dict[str, Any]]:
    path = f"/api/accounts/{_connected(api)}"
    api.post(f"{path}/code")
    return f"{path}/verify", {"json": {"code": mailed_code(api)}}


def prove(api: Any, account_id: str) -> Any:
    """Make the address of a connected account a verified sender."""
    api.post(f"/api/accounts/{account_id}/code")
    return api.post(f"/api/accounts/{account_id}/verify", json={"code": mailed_code(api)})


CALLS |= {
    "list_accounts": lambda _: ("GET", "/api/accounts", {}),
    "create_account": lambda _: ("POST", "/api/accounts", {"json": connect()}),
    "delete_account": lambda api: ("DELETE", f"/api/accounts/{_connected(api)}", {}),
    "check_account": lambda api: ("POST", f"/api/accounts/{_connected(api)}/check", {}),
    "send_account_code": lambda api: ("POST", f"/api/accounts/{_connected(api)}/code", {}),
    "verify_account": lambda api: ("POST", *_verification(api)),
    "get_subscription": lambda _: ("GET", "/api/billing/subscription", {}),
    "create_checkout": lambda _: ("POST", "/api/billing/checkout", {"json": {"plan": "pro"}}),
    "create_portal": lambda _: ("POST", "/api/billing/portal", {}),
    "get_usage": lambda _: ("GET", "/api/v1/usage", {}),
    "get_plan": lambda _: ("GET", "/api/v1/plan", {}),
    "list_audit_entries": lambda _: ("GET", "/api/v1/audit-log", {}),
}
