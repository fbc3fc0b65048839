"""All tables by one name. Each resource's rows are described in `rows/<resource>.py`; migrations need a module that knows them all.

Times (`*_at`) are milliseconds since 1970 in UTC, ids are the API's own strings, `*_json` columns hold encoded JSON.
"""

from __future__ import annotations

from misarmail_server.rows.ab_tests import AbTest, Variant
from misarmail_server.rows.accounts import Account, Key, Sender, Session
from misarmail_server.rows.audit import AuditEntry
from misarmail_server.rows.automations import Automation, AutomationStep, Enrollment
from misarmail_server.rows.campaigns import Campaign
from misarmail_server.rows.channels import ChannelMessage
from misarmail_server.rows.mail import Attachment, Capture, Event, Message, Recipient, Suppression
from misarmail_server.rows.table import Owned, Table
from misarmail_server.rows.templates import Template
from misarmail_server.rows.usage import Idempotency, Usage

__all__ = [
    "AbTest",
    "Account",
    "Attachment",
    "AuditEntry",
    "Automation",
    "AutomationStep",
    "Campaign",
    "Capture",
    "ChannelMessage",
    "Enrollment",
    "Event",
    "Idempotency",
    "Key",
    "Message",
    "Owned",
    "Recipient",
    "Sender",
    "Session",
    "Suppression",
    "Table",
    "Template",
    "Usage",
    "Variant",
]
