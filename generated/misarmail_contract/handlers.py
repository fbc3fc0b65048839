"""Every handler module, proved against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from misarmail_contract import routes
from misarmail_server.handlers import ab_tests, automations, campaigns, channels, health, keys, messages, sandbox, send, templates

_send: routes.Send = send
_messages: routes.Messages = messages
_templates: routes.Templates = templates
_campaigns: routes.Campaigns = campaigns
_automations: routes.Automations = automations
_ab_tests: routes.AbTests = ab_tests
_channels: routes.Channels = channels
_sandbox: routes.Sandbox = sandbox
_keys: routes.Keys = keys
_health: routes.Health = health

HANDLERS: dict[str, Any] = {
    "send": send,
    "messages": messages,
    "templates": templates,
    "campaigns": campaigns,
    "automations": automations,
    "ab_tests": ab_tests,
    "channels": channels,
    "sandbox": sandbox,
    "keys": keys,
    "health": health,
}
