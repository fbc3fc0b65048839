"""Push notifications by the FCM HTTP v1 API: `POST .../messages:send`, once for each device."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from misarmail_server.external.provider_http import Provider, ProviderResult, post_json

MAX_CONCURRENT = 8
MAX_SECONDS = 60.0  # after which no further device is tried


@dataclass(frozen=True, slots=True)
class Notification:
    """The content of a notification. `ttl` is in seconds, None for the push service's default."""

    title: str
    body: str
    data: Mapping[str, str]
    url: str | None
    icon: str | None
    ttl: int | None


def send(provider: Provider, tokens: Sequence[str], notification: Notification) -> list[ProviderResult]:
    """Notify each device; returns a result for each, in order."""
    until = time.monotonic() + MAX_SECONDS
    content = _content(notification)

    def notify(token: str) -> ProviderResult:
        if time.monotonic() > until:
            return ProviderResult("unreached", "it was too slow")
        return post_json(provider, {"message": {"token": token, **content}}, lambda answer: answer["name"])

    with ThreadPoolExecutor(min(MAX_CONCURRENT, max(1, len(tokens)))) as pool:
        return list(pool.map(notify, tokens))


def _content(shown: Notification) -> dict[str, Any]:
    """The parts of a message; web, Android and iOS have different fields for a link, an icon and a time to live."""
    texts = {"title": shown.title, "body": shown.body}
    web: dict[str, Any] = {"notification": {"icon": shown.icon}} if shown.icon else {}
    web |= {"fcm_options": {"link": shown.url}} if shown.url else {}
    web |= {"headers": {"TTL": str(shown.ttl)}} if shown.ttl is not None else {}
    data = {**shown.data, **({"url": shown.url} if shown.url and "url" not in shown.data else {})}
    android = {"android": {"ttl": f"{shown.ttl}s"}} if shown.ttl is not None else {}
    return {"notification": texts, "data": data, **({"webpush": web} if web else {}), **android}
