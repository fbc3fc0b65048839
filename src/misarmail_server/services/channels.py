"""Messages over channels other than e-mail. Each is recorded before the provider is called and after it has answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NoReturn

import msgspec
from msgspec import UNSET
from sqlalchemy import insert, update

from misarmail_contract import models
from misarmail_server.context import DetachedContext
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden, Unavailable, Unprocessable
from misarmail_server.external import push, whatsapp
from misarmail_server.external.provider_http import Provider, ProviderResult
from misarmail_server.services import audiences
from misarmail_server.settings import Settings

Channel = Literal["whatsapp", "push"]
PROVIDER_NAMES: dict[Channel, str] = {"whatsapp": "WhatsApp", "push": "The push provider"}
NO_WEB_PUSH = ProviderResult("refused", "This is a web push subscription, and this server has no web push provider")


def require_configured(settings: Settings, channel: Channel) -> Provider:
    """The channel's provider. Raises Forbidden("feature_unavailable") if it is not configured."""
    providers: dict[Channel, Provider] = {
        "whatsapp": Provider(settings.whatsapp_url, settings.whatsapp_token),
        "push": Provider(settings.push_url, settings.push_token),
    }
    if not providers[channel].url:
        raise Forbidden("feature_unavailable", f"The channel {channel} is not configured on this server", feature=channel)
    return providers[channel]


def send_whatsapp(ctx: DetachedContext, body: models.WhatsappSend) -> models.WhatsappSendResponse:
    """Send one message without holding a transaction.

    Raises Forbidden("feature_unavailable"), Invalid for an unknown contact, Unprocessable("channel_refused"), Unavailable.
    """
    provider = require_configured(ctx.settings, "whatsapp")
    if body.contact_id is not UNSET:
        with ctx.reading() as unit:
            audiences.require_contact(unit, body.contact_id, "contact_id")
    values = [parameter.text for parameter in body.parameters or ()]
    content = body.message or whatsapp.WhatsappTemplate(body.template_name or "", body.language, values)
    id_ = _record_attempt(ctx, "whatsapp", body, body.contact_id or None)
    outcome = whatsapp.send(provider, f"+{''.join(filter(str.isdigit, body.to))}", content)
    _record_outcomes(ctx, id_, [outcome])
    if outcome.kind != "taken":
        _refuse("whatsapp", [outcome])
    return models.WhatsappSendResponse(message_id=outcome.text)


def send_push(ctx: DetachedContext, body: models.PushSend) -> models.PushSendResponse:
    """Notify each device without holding a transaction. Raises as `send_whatsapp` if no device accepted."""
    provider = require_configured(ctx.settings, "push")
    devices = _devices(ctx, body)
    id_ = _record_attempt(ctx, "push", body, body.contact_id or None)
    tokens = [device for device in devices if isinstance(device, str)]
    notification = push.Notification(
        body.title, body.body, body.data or {}, body.url or None, body.icon or None, None if body.ttl is UNSET else body.ttl
    )
    results_of_tokens = iter(push.send(provider, tokens, notification))
    outcomes = [next(results_of_tokens) if isinstance(device, str) else NO_WEB_PUSH for device in devices]
    _record_outcomes(ctx, id_, outcomes)
    sent = sum(outcome.kind == "taken" for outcome in outcomes)
    if not sent:
        _refuse("push", outcomes)
    results = [_result(device, outcome) for device, outcome in zip(devices, outcomes, strict=True)]
    return models.PushSendResponse(message_id=id_, sent=sent, failed=len(outcomes) - sent, results=results)


def _devices(ctx: DetachedContext, body: models.PushSend) -> Sequence[models.PushDevice]:
    if body.to is not UNSET:
        return body.to if isinstance(body.to, list) else [body.to]
    with ctx.reading() as unit:
        return audiences.devices(unit, body.contact_id or "", "contact_id")


def _record_attempt(ctx: DetachedContext, channel: Channel, body: msgspec.Struct, contact_id: str | None) -> str:
    """Record the message before it is sent; returns its id."""
    id_ = ctx.new_id("chm")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "key_id": ctx.principal.key_id,
        "channel": channel,
        "contact_id": contact_id,
        "asked_json": msgspec.json.encode(body).decode(),
        "state": "sending",
        "outcomes_json": "[]",
    }
    ctx.writing(lambda unit: unit.connection.execute(insert(tables.ChannelMessage).values({**row, "created_at": unit.now()})).rowcount)
    return id_


def _record_outcomes(ctx: DetachedContext, id_: str, outcomes: Sequence[ProviderResult]) -> None:
    """Record the outcomes."""
    kinds = {outcome.kind for outcome in outcomes}
    state = "sent" if "taken" in kinds else "unknown" if "unanswered" in kinds else "failed"
    values = {"state": state, "outcomes_json": msgspec.json.encode(outcomes).decode()}
    change = update(tables.ChannelMessage).where(tables.ChannelMessage.id == id_)
    ctx.writing(lambda unit: unit.connection.execute(change.values({**values, "finished_at": unit.now()})).rowcount)


def _refuse(channel: Channel, outcomes: Sequence[ProviderResult]) -> NoReturn:
    """Raise for a message that no device accepted; the worst outcome decides."""
    name, reasons = PROVIDER_NAMES[channel], {outcome.kind: outcome.text for outcome in reversed(outcomes)}
    if "unanswered" in reasons:
        raise Unavailable(f"{name}: {reasons['unanswered']}; it is unknown whether the message was sent")
    if "unreached" in reasons:
        raise Unavailable(f"{name}: {reasons['unreached']}; nothing was sent")
    raise Unprocessable("channel_refused", f"{name} refused the message: {reasons['refused']}")


def _result(device: models.PushDevice, outcome: ProviderResult) -> models.PushResult:
    is_taken = outcome.kind == "taken"
    return models.PushResult(
        to=device if isinstance(device, str) else device.endpoint,
        success=is_taken,
        message_id=outcome.text if is_taken else UNSET,
        error=UNSET if is_taken else outcome.text,
    )
