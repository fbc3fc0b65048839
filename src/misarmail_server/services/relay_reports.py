"""Reports of a tenant's relay: who may make them, and what becomes of them."""

from __future__ import annotations

import hmac
import json
from typing import Any

from sqlalchemy import select

from misarmail_contract import models
from misarmail_server import tables, vault
from misarmail_server.context import Context
from misarmail_server.delivery import happenings, relay_reports
from misarmail_server.delivery.happenings import Happening
from misarmail_server.delivery.relay_reports import Report
from misarmail_server.errors import Invalid, NotFound
from misarmail_server.outside import posts

REASONS = {"hard_bounced": "bounced", "complained": "complained", "unsubscribed": "unsubscribed"}
TYPES = {"hard_bounced": "bounced", "soft_bounced": "bounced", "complained": "complained", "unsubscribed": "unsubscribed"}
CONFIRM_SECONDS = 10.0


def addresses(ctx: Context) -> models.RelayAddresses:
    """Where the account's relays report to."""
    token = f"{ctx.account_id}.{_proof(ctx, ctx.account_id)}"
    base = f"{ctx.settings.public_url}/api/v1/webhooks/inbound"
    return models.RelayAddresses(**{provider: f"{base}/{provider}/{token}" for provider in relay_reports.PROVIDERS})


def receive(ctx: Context, provider: str, token: str, body: models.RelayReport | bytes) -> int:
    """Suppress and note what a relay reports; how many reports there were. Raises NotFound for a token that is none, Invalid."""
    account_id, _, proof = token.partition(".")
    if not hmac.compare_digest(proof, _proof(ctx, account_id)):
        raise NotFound("account of the token", token)
    data = _decoded(body)
    url = relay_reports.confirmation(data) if provider == "ses" else ""
    if url:
        posts.get(url, seconds=CONFIRM_SECONDS, allows_private=False)
        return 0
    found = relay_reports.parse(provider, data)
    if found:
        ctx.writing(lambda unit: _keep(unit, account_id, found))
    return len(found)


def _keep(ctx: Context, account_id: str, found: list[Report]) -> None:
    for one in found:
        if one.kind in REASONS:
            row = {"account_id": account_id, "address": one.email.lower(), "reason": REASONS[one.kind], "created_at": ctx.now()}
            ctx.insert_new(tables.Suppression, row)
    ours = _own_recipients(ctx, account_id, found)
    happenings.record(ctx.connection, [_happening(ctx, account_id, one) for one in found if (one.message_id, one.email.lower()) in ours])


def _own_recipients(ctx: Context, account_id: str, found: list[Report]) -> set[tuple[str | None, str]]:
    """(message id, address) of the reports that are about mail of this account."""
    recipient = tables.Recipient
    ids = {one.message_id for one in found if one.message_id is not None}
    rows = select(recipient.message_id, recipient.address).where(recipient.account_id == account_id, recipient.message_id.in_(ids))
    return {(row.message_id, row.address.lower()) for row in ctx.connection.execute(rows)} if ids else set()


def _happening(ctx: Context, account_id: str, one: Report) -> Happening:
    return Happening(
        one.message_id or "", account_id, one.email, TYPES[one.kind], one.kind, ctx.now(), reply_code=one.code, reply_text=one.text
    )


def _decoded(body: models.RelayReport | bytes) -> Any:
    if not isinstance(body, bytes):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid("body", "Must be JSON") from None


def _proof(ctx: Context, account_id: str) -> str:
    return vault.proof(ctx.settings, f"relay/{account_id}")
