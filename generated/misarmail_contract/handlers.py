"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from misarmail_contract import routes
from misarmail_server.handlers import (
    ab_tests,
    accounts,
    aliases,
    analytics,
    audit,
    automations,
    billing,
    campaigns,
    channels,
    contact_fields,
    contacts,
    dedicated_ips,
    domains,
    health,
    inbound,
    keys,
    messages,
    sandbox,
    segments,
    send,
    session,
    suppressions,
    templates,
    topics,
    track,
    usage,
    validate,
    webhooks,
)

_send: routes.Send = send
_messages: routes.Messages = messages
_templates: routes.Templates = templates
_campaigns: routes.Campaigns = campaigns
_automations: routes.Automations = automations
_ab_tests: routes.AbTests = ab_tests
_channels: routes.Channels = channels
_contact_fields: routes.ContactFields = contact_fields
_contacts: routes.Contacts = contacts
_topics: routes.Topics = topics
_segments: routes.Segments = segments
_sandbox: routes.Sandbox = sandbox
_domains: routes.Domains = domains
_aliases: routes.Aliases = aliases
_inbound: routes.Inbound = inbound
_validate: routes.Validate = validate
_dedicated_ips: routes.DedicatedIps = dedicated_ips
_keys: routes.Keys = keys
_suppressions: routes.Suppressions = suppressions
_analytics: routes.Analytics = analytics
_webhooks: routes.Webhooks = webhooks
_track: routes.Track = track
_usage: routes.Usage = usage
_audit: routes.Audit = audit
_accounts: routes.Accounts = accounts
_billing: routes.Billing = billing
_session: routes.Session = session
_health: routes.Health = health

HANDLERS: dict[str, Any] = {
    "send": send,
    "messages": messages,
    "templates": templates,
    "campaigns": campaigns,
    "automations": automations,
    "ab_tests": ab_tests,
    "channels": channels,
    "contact_fields": contact_fields,
    "contacts": contacts,
    "topics": topics,
    "segments": segments,
    "sandbox": sandbox,
    "domains": domains,
    "aliases": aliases,
    "inbound": inbound,
    "validate": validate,
    "dedicated_ips": dedicated_ips,
    "keys": keys,
    "suppressions": suppressions,
    "analytics": analytics,
    "webhooks": webhooks,
    "track": track,
    "usage": usage,
    "audit": audit,
    "accounts": accounts,
    "billing": billing,
    "session": session,
    "health": health,
}
