"""Reports of a tenant's relay: who may make them, and what becomes of them."""

from __future__ import annotations

import hmac
import json
from typing import Any

from sqlalchemy import Connection, select

from misarmail_contract import models
from misarmail_server import document, vault
from misarmail_server.context import Context, OpenContext, now
from misarmail_server.db import dialects, tables
from misarmail_server.errors import Invalid, NotFound
from misarmail_server.external import http_post
from misarmail_server.received import relay_reports
from misarmail_server.services import message_feedback
from misarmail_server.services.contact_import_rows import EMAIL
from misarmail_server.settings import Settings

CONFIRM_SECONDS = 10.0


def addresses(ctx: Context) -> models.RelayAddresses:
    """Where the account's relays report to."""
    generation, _ = _renewals(ctx.connection, ctx.account_id)
    return models.RelayAddresses(**_addresses(ctx.settings, ctx.account_id, generation))


def renew(connection: Connection, settings: Settings, account_id: str, keep: int) -> dict[str, str]:
    """Give the account's relays another token, and the addresses with it by provider; the one before is good for `keep` milliseconds."""
    token = tables.RelayToken
    row = {"account_id": account_id, "generation": 1, "former_until": now() + keep}
    new = dialects.insert(connection.dialect.name, token).values(row)
    renewed = {"generation": token.generation + 1, "former_until": new.excluded.former_until}
    connection.execute(new.on_conflict_do_update(index_elements=["account_id"], set_=renewed))
    return _addresses(settings, account_id, _renewals(connection, account_id)[0])


def receive(ctx: OpenContext, provider: str, token: str, body: models.RelayReport | bytes) -> int:
    """Suppress and note what a relay reports; how many there were of an address. Raises NotFound for a token that is none, Invalid."""
    account_id, _, proof = token.partition(".")
    if not _is_good(ctx, account_id, proof):
        raise NotFound("account of the token", token)
    data = _decoded(body)
    url = relay_reports.confirmation(data) if provider == "ses" else ""
    if url:
        http_post.get(url, seconds=CONFIRM_SECONDS, allows_private=False)
        return 0
    # What a suppression over the API cannot name, none of a report can.
    found = [one for one in relay_reports.parse(provider, data) if EMAIL(one.email.lower())]
    if found:
        ctx.writing(lambda unit: message_feedback.keep(unit.of(account_id), found))
    return len(found)


def _decoded(body: models.RelayReport | bytes) -> Any:
    if not isinstance(body, bytes):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid("body", "Must be JSON") from None


def _is_good(ctx: OpenContext, account_id: str, proof: str) -> bool:
    """Whether it is the account's proof, or the one before that is still good."""
    with ctx.reading() as unit:
        generation, former_until = _renewals(unit.connection, account_id)
    good = [generation, generation - 1] if generation and ctx.now() < former_until else [generation]
    return any(hmac.compare_digest(proof.encode(), _proof(ctx.settings, account_id, one).encode()) for one in good)


def _addresses(settings: Settings, account_id: str, generation: int) -> dict[str, str]:
    token = f"{account_id}.{_proof(settings, account_id, generation)}"
    base = f"{settings.public_url}{document.base_path()}/v1/webhooks/inbound"
    return {provider: f"{base}/{provider}/{token}" for provider in relay_reports.PROVIDERS}


def _renewals(connection: Connection, account_id: str) -> tuple[int, int]:
    """(how often the account's token was renewed, until when the one before is good)."""
    token = tables.RelayToken
    row = connection.execute(select(token.generation, token.former_until).where(token.account_id == account_id)).first()
    return (row.generation, row.former_until) if row else (0, 0)


def _proof(settings: Settings, account_id: str, generation: int) -> str:
    return vault.proof(settings, f"relay/{account_id}/{generation}" if generation else f"relay/{account_id}")
