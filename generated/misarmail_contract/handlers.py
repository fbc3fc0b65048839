"""Every handler module, proved against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from misarmail_contract import routes
from misarmail_server.handlers import contacts, health, keys, messages, sandbox, segments, send, templates

_send: routes.Send = send
_messages: routes.Messages = messages
_templates: routes.Templates = templates
_contacts: routes.Contacts = contacts
_segments: routes.Segments = segments
_sandbox: routes.Sandbox = sandbox
_keys: routes.Keys = keys
_health: routes.Health = health

HANDLERS: dict[str, Any] = {
    "send": send,
    "messages": messages,
    "templates": templates,
    "contacts": contacts,
    "segments": segments,
    "sandbox": sandbox,
    "keys": keys,
    "health": health,
}
