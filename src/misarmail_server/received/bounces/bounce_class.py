"""The classes of bounces, which are those of KumoMTA's bounce classifier, and the verdict about a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BounceClass = Literal[
    "InvalidRecipient", "DNSFailure", "SpamBlock", "SpamContent", "ProhibitedAttachment", "RelayDenied", "AutoReply", "TransientFailure",
    "Subscribe", "Unsubscribe", "ChallengeResponse", "BadConfiguration", "BadConnection", "BadDomain", "ContentRelated", "InactiveMailbox",
    "InvalidSender", "MessageExpired", "NoAnswerFromHost", "PolicyRelated", "ProtocolErrors", "QuotaIssues", "RelayingIssues",
    "RoutingErrors", "SpamRelated", "VirusRelated", "AuthenticationFailed", "TooManyRecipients", "Uncategorized",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class BounceVerdict:
    """Why mail was refused. `is_hard`: the address will never accept mail, so it is suppressed."""

    bounce_class: BounceClass
    is_hard: bool = False
