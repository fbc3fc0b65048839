"""WhatsApp messages by the Cloud API: `POST .../PHONE_NUMBER_ID/messages`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from misarmail_server.external.provider_http import Provider, ProviderResult, post_json


class WhatsappTemplate(NamedTuple):
    """An approved template, its language, and the values of its parameters."""

    name: str
    language: str
    values: Sequence[str]


def send(provider: Provider, to: str, content: WhatsappTemplate | str) -> ProviderResult:
    """Send a template, or free text, to a number in E.164."""
    message = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, **_content(content)}
    return post_json(provider, message, lambda answer: answer["messages"][0]["id"])


def _content(content: WhatsappTemplate | str) -> dict[str, Any]:
    if isinstance(content, str):
        return {"type": "text", "text": {"body": content}}
    values = [{"type": "text", "text": value} for value in content.values]
    components = [{"type": "body", "parameters": values}] if values else []
    language = content.language.replace("-", "_")
    return {"type": "template", "template": {"name": content.name, "language": {"code": language}, "components": components}}
