"""Messages over channels beside e-mail. Each is recorded before the provider is asked and after it has answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NoReturn

import msgspec
from msgspec import UNSET
from sqlalchemy import insert, update

from misarmail_contract import models
from misarmail_server.context import DetachedContext
from misarmail_server.db import tables
from misarmail_server.errors import Forbidden, Unavailable, Unusable
from misarmail_server.external import push, whatsapp
from misarmail_server.external.provider_http import Provider, ProviderResult
from misarmail_server.services import audiences
from misarmail_server.settings import Settings

Channel = Literal["whatsapp", "push"]
WORDS: dict[Channel, str] = {"whatsapp": "WhatsApp", "push": "The push provider"}
NO_WEB_PUSH = ProviderResult("refused", "It is a web push subscription, and this server has no provider of web push")


def require_configured(settings: Settings, channel: Channel) -> Provider:
    """The channel's provider. Raises Forbidden("feature_unavailable") where there is none."""
    known: dict[Channel, Provider] = {
        "whatsapp": Provider(settings.whatsapp_url, settings.whatsapp_token),
        "push": Provider(settings.push_url, settings.push_token),
    }
    if not known[channel].url:
        raise Forbidden("feature_unavailable", f"The channel {channel} is not configured on this server", feature=channel)
    return known[channel]


def send_whatsapp(ctx: DetachedContext, asked: models.WhatsappSend) -> models.WhatsappSendResponse:
    """Send one message, holding no transaction meanwhile.

    Raises Forbidden("feature_unavailable"), Invalid for a contact that is not there, Unusable("channel_refused"), Unavailable.
    """
    provider = require_configured(ctx.settings, "whatsapp")
    if asked.contact_id is not UNSET:
        with ctx.reading() as unit:
            audiences.require_contact(unit, asked.contact_id, "contact_id")
    values = [one.text for one in asked.parameters or ()]
    content = asked.message or whatsapp.WhatsappTemplate(asked.template_name or "", asked.language, values)
    id_ = _begun(ctx, "whatsapp", asked, asked.contact_id or None)
    outcome = whatsapp.send(provider, f"+{''.join(filter(str.isdigit, asked.to))}", content)
    _end(ctx, id_, [outcome])
    if outcome.kind != "taken":
        _refuse("whatsapp", [outcome])
    return models.WhatsappSendResponse(message_id=outcome.text)


def send_push(ctx: DetachedContext, asked: models.PushSend) -> models.PushSendResponse:
    """Notify each device, holding no transaction meanwhile. Raises as `send_whatsapp` does, when not one was taken."""
    provider = require_configured(ctx.settings, "push")
    devices = _devices(ctx, asked)
    id_ = _begun(ctx, "push", asked, asked.contact_id or None)
    tokens = [device for device in devices if isinstance(device, str)]
    notification = push.Notification(
        asked.title, asked.body, asked.data or {}, asked.url or None, asked.icon or None, None if asked.ttl is UNSET else asked.ttl
    )
    told = iter(push.send(provider, tokens, notification))
    outcomes = [next(told) if isinstance(device, str) else NO_WEB_PUSH for device in devices]
    _end(ctx, id_, outcomes)
    sent = sum(outcome.kind == "taken" for outcome in outcomes)
    if not sent:
        _refuse("push", outcomes)
    results = [_result(device, outcome) for device, outcome in zip(devices, outcomes, strict=True)]
    return models.PushSendResponse(message_id=id_, sent=sent, failed=len(outcomes) - sent, results=results)


def _devices(ctx: DetachedContext, asked: models.PushSend) -> Sequence[models.PushDevice]:
    if asked.to is not UNSET:
        return asked.to if isinstance(asked.to, list) else [asked.to]
    with ctx.reading() as unit:
        return audiences.devices(unit, asked.contact_id or "", "contact_id")


def _begun(ctx: DetachedContext, channel: Channel, asked: msgspec.Struct, contact_id: str | None) -> str:
    """Record what is about to be sent; its id."""
    id_ = ctx.new_id("chm")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "key_id": ctx.principal.key_id,
        "channel": channel,
        "contact_id": contact_id,
        "asked_json": msgspec.json.encode(asked).decode(),
        "state": "sending",
        "outcomes_json": "[]",
    }
    ctx.writing(lambda unit: unit.connection.execute(insert(tables.ChannelMessage).values({**row, "created_at": unit.now()})).rowcount)
    return id_


def _end(ctx: DetachedContext, id_: str, outcomes: Sequence[ProviderResult]) -> None:
    """Record what became of it."""
    kinds = {outcome.kind for outcome in outcomes}
    state = "sent" if "taken" in kinds else "unknown" if "unanswered" in kinds else "failed"
    values = {"state": state, "outcomes_json": msgspec.json.encode(outcomes).decode()}
    change = update(tables.ChannelMessage).where(tables.ChannelMessage.id == id_)
    ctx.writing(lambda unit: unit.connection.execute(change.values({**values, "finished_at": unit.now()})).rowcount)


def _refuse(channel: Channel, outcomes: Sequence[ProviderResult]) -> NoReturn:
    """Say why nothing was taken: the worst that happened decides."""
    word, reasons = WORDS[channel], {outcome.kind: outcome.text for outcome in reversed(outcomes)}
    if "unanswered" in reasons:
        raise Unavailable(f"{word}: {reasons['unanswered']}; whether it was sent is not known")
    if "unreached" in reasons:
        raise Unavailable(f"{word}: {reasons['unreached']}; nothing was sent")
    raise Unusable("channel_refused", f"{word} refused it: {reasons['refused']}")


def _result(device: models.PushDevice, outcome: ProviderResult) -> models.PushResult:
    is_taken = outcome.kind == "taken"
    return models.PushResult(
        to=device if isinstance(device, str) else device.endpoint,
        success=is_taken,
        message_id=outcome.text if is_taken else UNSET,
        error=UNSET if is_taken else outcome.text,
    )
