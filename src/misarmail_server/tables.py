"""All tables by one name. Each resource's rows are described in `rows/<resource>.py`; migrations need a module that knows them all.

Times (`*_at`) are milliseconds since 1970 in UTC, ids are the API's own strings, `*_json` columns hold encoded JSON.
"""

from __future__ import annotations

from misarmail_server.rows.accounts import Account, Key, Sender, Session
from misarmail_server.rows.audit import AuditEntry
from misarmail_server.rows.contacts import Contact, ContactCount, ContactEvent, ContactField, ContactTag
from misarmail_server.rows.mail import Attachment, Capture, Event, Message, Recipient, Suppression
from misarmail_server.rows.segments import Segment, SegmentMember
from misarmail_server.rows.table import Owned, Table
from misarmail_server.rows.templates import Template
from misarmail_server.rows.usage import Idempotency, Usage

__all__ = [
    "Account",
    "Attachment",
    "AuditEntry",
    "Capture",
    "Contact",
    "ContactCount",
    "ContactEvent",
    "ContactField",
    "ContactTag",
    "Event",
    "Idempotency",
    "Key",
    "Message",
    "Owned",
    "Recipient",
    "Segment",
    "SegmentMember",
    "Sender",
    "Session",
    "Suppression",
    "Table",
    "Template",
    "Usage",
]
