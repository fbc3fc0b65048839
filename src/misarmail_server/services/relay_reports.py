"""Reports of a tenant's relay: who may make them, and what becomes of them."""

from __future__ import annotations

import hmac
import json
from typing import Any

from misarmail_contract import models
from misarmail_server import vault
from misarmail_server.context import Context
from misarmail_server.delivery import relay_reports
from misarmail_server.errors import Invalid, NotFound
from misarmail_server.outside import posts
from misarmail_server.services import feedback
from misarmail_server.services.contact_rows import EMAIL

CONFIRM_SECONDS = 10.0


def addresses(ctx: Context) -> models.RelayAddresses:
    """Where the account's relays report to."""
    token = f"{ctx.account_id}.{_proof(ctx, ctx.account_id)}"
    base = f"{ctx.settings.public_url}/api/v1/webhooks/inbound"
    return models.RelayAddresses(**{provider: f"{base}/{provider}/{token}" for provider in relay_reports.PROVIDERS})


def receive(ctx: Context, provider: str, token: str, body: models.RelayReport | bytes) -> int:
    """Suppress and note what a relay reports; how many there were of an address. Raises NotFound for a token that is none, Invalid."""
    account_id, _, proof = token.partition(".")
    if not hmac.compare_digest(proof, _proof(ctx, account_id)):
        raise NotFound("account of the token", token)
    data = _decoded(body)
    url = relay_reports.confirmation(data) if provider == "ses" else ""
    if url:
        posts.get(url, seconds=CONFIRM_SECONDS, allows_private=False)
        return 0
    # What a suppression over the API cannot name, none of a report can.
    found = [one for one in relay_reports.parse(provider, data) if EMAIL(one.email.lower())]
    if found:
        ctx.writing(lambda unit: feedback.keep(feedback.of(unit, account_id), found))
    return len(found)


def _decoded(body: models.RelayReport | bytes) -> Any:
    if not isinstance(body, bytes):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid("body", "Must be JSON") from None


def _proof(ctx: Context, account_id: str) -> str:
    return vault.proof(ctx.settings, f"relay/{account_id}")
