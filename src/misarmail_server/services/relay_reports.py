"""Reports of a tenant's relay: authenticates and applies them."""

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
from misarmail_server.services.email_addresses import ADDRESS
from misarmail_server.settings import Settings

CONFIRM_SECONDS = 10.0


def addresses(ctx: Context) -> models.RelayAddresses:
    """The URLs that the account's relays report to."""
    generation, _ = _renewals(ctx.connection, ctx.account_id)
    return models.RelayAddresses(**_addresses(ctx.settings, ctx.account_id, generation))


def renew(connection: Connection, settings: Settings, account_id: str, keep: int) -> dict[str, str]:
    """Renew the token of the account's relays; returns the new URLs by provider. The previous token is valid for `keep` milliseconds."""
    token = tables.RelayToken
    row = {"account_id": account_id, "generation": 1, "former_until": now() + keep}
    new = dialects.insert(connection.dialect.name, token).values(row)
    renewed = {"generation": token.generation + 1, "former_until": new.excluded.former_until}
    connection.execute(new.on_conflict_do_update(index_elements=["account_id"], set_=renewed))
    return _addresses(settings, account_id, _renewals(connection, account_id)[0])


def receive(ctx: OpenContext, provider: str, token: str, body: models.RelayReport | bytes) -> int:
    """Apply a relay's report; returns the number of its entries with an address. Raises NotFound for an invalid token, Invalid."""
    account_id, _, proof = token.partition(".")
    if not _is_valid(ctx, account_id, proof):
        raise NotFound("account of the token", token)
    data = _decoded(body)
    url = relay_reports.confirmation(data) if provider == "ses" else ""
    if url:
        http_post.get(url, seconds=CONFIRM_SECONDS, allows_private=False)
        return 0
    # Addresses that the suppressions API would refuse are ignored.
    reports = [report for report in relay_reports.parse(provider, data) if ADDRESS(report.email.lower())]
    if reports:
        ctx.writing(lambda unit: message_feedback.apply(unit.of(account_id), reports))
    return len(reports)


def _decoded(body: models.RelayReport | bytes) -> Any:
    if not isinstance(body, bytes):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid("body", "Must be JSON") from None


def _is_valid(ctx: OpenContext, account_id: str, proof: str) -> bool:
    """Whether the proof is the account's current one, or the previous one while that is valid."""
    with ctx.reading() as unit:
        generation, former_until = _renewals(unit.connection, account_id)
    valid_generations = [generation, generation - 1] if generation and ctx.now() < former_until else [generation]
    return any(
        hmac.compare_digest(proof.encode(), _proof(ctx.settings, account_id, valid_generation).encode())
        for valid_generation in valid_generations
    )


def _addresses(settings: Settings, account_id: str, generation: int) -> dict[str, str]:
    token = f"{account_id}.{_proof(settings, account_id, generation)}"
    base = f"{settings.public_url}{document.base_path()}/v1/webhooks/inbound"
    return {provider: f"{base}/{provider}/{token}" for provider in relay_reports.PROVIDERS}


def _renewals(connection: Connection, account_id: str) -> tuple[int, int]:
    """(how often the account's token was renewed, until when the previous token is valid)."""
    token = tables.RelayToken
    row = connection.execute(select(token.generation, token.former_until).where(token.account_id == account_id)).first()
    return (row.generation, row.former_until) if row else (0, 0)


def _proof(settings: Settings, account_id: str, generation: int) -> str:
    return vault.proof(settings, f"relay/{account_id}/{generation}" if generation else f"relay/{account_id}")
