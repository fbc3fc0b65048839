"""All tables in one module, which migrations need. Each resource's rows are described in `rows/<resource>.py`.

Times (`*_at`) are milliseconds since 1970 in UTC, ids are the strings of the API, `*_json` columns hold encoded JSON.
"""

from __future__ import annotations

from misarmail_server.rows.ab_tests import AbTest, Variant
from misarmail_server.rows.accounts import (
    Account,
    AddressCode,
    ConnectedAccount,
    Key,
    PasswordReset,
    PlanOrder,
    Sender,
    Session,
    SignInNetwork,
)
from misarmail_server.rows.aliases import Alias
from misarmail_server.rows.audit import AuditEntry
from misarmail_server.rows.automations import Automation, AutomationStep, Enrollment
from misarmail_server.rows.campaigns import Campaign
from misarmail_server.rows.channels import ChannelMessage
from misarmail_server.rows.contacts import Contact, ContactCount, ContactEvent, ContactField, ContactTag, ErasedAddress, Erasure
from misarmail_server.rows.dedicated_ips import DedicatedIp, IpAddress, IpDay
from misarmail_server.rows.domains import DkimKey, Domain, VerifiedDomain
from misarmail_server.rows.inbound import InboundDomain
from misarmail_server.rows.installation import Installation
from misarmail_server.rows.mail import (
    Attachment,
    Capture,
    ContentDeletion,
    Event,
    EventCount,
    FirstResponse,
    LinkCount,
    Message,
    MessageLink,
    OriginalBody,
    QueueHold,
    Recipient,
    SandboxSpace,
    Suppression,
)
from misarmail_server.rows.segments import Behavior, Segment, SegmentMember
from misarmail_server.rows.table import Owned, Table
from misarmail_server.rows.templates import Template
from misarmail_server.rows.topics import Topic, TopicSubscription
from misarmail_server.rows.track import Purchase, TrackedEvent
from misarmail_server.rows.usage import Idempotency, Usage
from misarmail_server.rows.validate import MailHost
from misarmail_server.rows.webhooks import RelayToken, Webhook, WebhookDelivery

__all__ = [
    "AbTest",
    "Account",
    "AddressCode",
    "Alias",
    "Attachment",
    "AuditEntry",
    "Automation",
    "AutomationStep",
    "Behavior",
    "Campaign",
    "Capture",
    "ChannelMessage",
    "ConnectedAccount",
    "Contact",
    "ContactCount",
    "ContactEvent",
    "ContactField",
    "ContactTag",
    "ContentDeletion",
    "DedicatedIp",
    "DkimKey",
    "Domain",
    "Enrollment",
    "ErasedAddress",
    "Erasure",
    "Event",
    "EventCount",
    "FirstResponse",
    "Idempotency",
    "InboundDomain",
    "Installation",
    "IpAddress",
    "IpDay",
    "Key",
    "LinkCount",
    "MailHost",
    "Message",
    "MessageLink",
    "OriginalBody",
    "Owned",
    "PasswordReset",
    "PlanOrder",
    "Purchase",
    "QueueHold",
    "Recipient",
    "RelayToken",
    "SandboxSpace",
    "Segment",
    "SegmentMember",
    "Sender",
    "Session",
    "SignInNetwork",
    "Suppression",
    "Table",
    "Template",
    "Topic",
    "TopicSubscription",
    "TrackedEvent",
    "Usage",
    "Variant",
    "VerifiedDomain",
    "Webhook",
    "WebhookDelivery",
]
