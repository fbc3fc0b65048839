"""Enhanced status codes: RFC 3463, and the registry that RFC 5248 has opened at IANA, without their first digit.

A code that says what happened decides; `x.y.0` and those that name only a field of causes are left to the text.
"""

from __future__ import annotations

from misarmail_server.received.bounces.bounce_class import BounceClass

STATUSES: dict[str, BounceClass] = {
    # Addresses.
    "1.0": "InvalidRecipient", "1.1": "InvalidRecipient", "1.2": "BadDomain", "1.3": "InvalidRecipient", "1.4": "InvalidRecipient",
    "1.6": "InvalidRecipient", "1.7": "InvalidSender", "1.8": "InvalidSender", "1.9": "RoutingErrors", "1.10": "BadDomain",
    # Mailboxes.
    "2.0": "PolicyRelated", "2.1": "InactiveMailbox", "2.2": "QuotaIssues", "2.3": "ContentRelated", "2.4": "BadConfiguration",
    # The mail system.
    "3.0": "TransientFailure", "3.1": "QuotaIssues", "3.2": "TransientFailure", "3.3": "ProtocolErrors", "3.4": "ContentRelated",
    "3.5": "BadConfiguration", "3.6": "PolicyRelated",
    # The network and routing.
    "4.0": "BadConnection", "4.1": "NoAnswerFromHost", "4.2": "BadConnection", "4.3": "DNSFailure", "4.4": "BadDomain",
    "4.5": "TransientFailure", "4.6": "RoutingErrors", "4.7": "MessageExpired", "4.8": "RoutingErrors",
    # The protocol.
    "5.0": "ProtocolErrors", "5.1": "ProtocolErrors", "5.2": "ProtocolErrors", "5.3": "TooManyRecipients", "5.4": "ProtocolErrors",
    "5.5": "ProtocolErrors", "5.6": "AuthenticationFailed",
    # The content.
    "6.0": "ContentRelated", "6.1": "ContentRelated", "6.2": "ContentRelated", "6.3": "ContentRelated", "6.4": "ContentRelated",
    "6.5": "ContentRelated", "6.6": "ContentRelated", "6.7": "InvalidRecipient", "6.8": "ProtocolErrors", "6.9": "ContentRelated",
    "6.10": "ProtocolErrors",
    # Security and policy.
    "7.0": "PolicyRelated", "7.1": "PolicyRelated", "7.2": "PolicyRelated", "7.3": "PolicyRelated", "7.4": "PolicyRelated",
    "7.5": "PolicyRelated", "7.6": "PolicyRelated", "7.7": "PolicyRelated", "7.8": "AuthenticationFailed", "7.9": "AuthenticationFailed",
    "7.10": "PolicyRelated", "7.11": "AuthenticationFailed", "7.12": "AuthenticationFailed", "7.13": "InactiveMailbox",
    "7.14": "AuthenticationFailed", "7.15": "PolicyRelated", "7.16": "ContentRelated", "7.17": "InvalidRecipient",
    "7.18": "InvalidRecipient",
    "7.19": "PolicyRelated", "7.20": "AuthenticationFailed", "7.21": "AuthenticationFailed", "7.22": "AuthenticationFailed",
    "7.23": "AuthenticationFailed", "7.24": "AuthenticationFailed", "7.25": "PolicyRelated", "7.26": "AuthenticationFailed",
    "7.27": "InvalidSender", "7.28": "SpamBlock", "7.29": "AuthenticationFailed", "7.30": "PolicyRelated",
    # Exchange Online, which is not in the registry.
    "1.15": "InvalidRecipient", "1.20": "PolicyRelated", "1.90": "PolicyRelated", "1.350": "InvalidRecipient", "1.351": "InvalidRecipient",
    "2.121": "PolicyRelated", "2.122": "PolicyRelated", "3.190": "TransientFailure", "4.14": "RoutingErrors", "4.310": "BadDomain",
    "4.312": "DNSFailure", "4.316": "MessageExpired", "4.317": "BadConnection", "4.300": "MessageExpired",
    "7.57": "AuthenticationFailed", "7.60": "AuthenticationFailed", "7.64": "RelayDenied", "7.54": "RelayDenied",
    "7.124": "PolicyRelated", "7.129": "PolicyRelated", "7.133": "AuthenticationFailed", "7.134": "PolicyRelated", "7.136": "PolicyRelated",
    "7.193": "PolicyRelated", "7.501": "SpamBlock", "7.502": "SpamBlock", "7.503": "SpamBlock", "7.504": "SpamBlock",
    "7.505": "SpamBlock", "7.506": "PolicyRelated", "7.508": "SpamBlock", "7.509": "AuthenticationFailed", "7.511": "SpamBlock",
    "7.512": "ContentRelated", "7.513": "SpamBlock", "7.515": "AuthenticationFailed", "7.606": "SpamBlock", "7.703": "PolicyRelated",
    "7.705": "PolicyRelated", "7.708": "SpamBlock", "7.750": "PolicyRelated",
}  # fmt: skip
SUBJECTS: dict[str, BounceClass] = {
    "1": "InvalidRecipient",
    "4": "BadConnection",
    "5": "ProtocolErrors",
    "6": "ContentRelated",
    "7": "PolicyRelated",
}
# Codes that are given for this reason only, so that they decide before any wording.
EXACT = frozenset({
    "2.2", "3.4", "4.3", "4.6", "4.14", "5.3", "7.13", "7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.29", "4.310", "4.312",
    "4.316", "7.64",
    "7.509", "7.515", "7.606", "7.133", "7.124", "7.129",
})  # fmt: skip
# Codes of an address that does not exist.
GONE = frozenset({"1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "1.351", "4.4", "4.310", "7.17", "7.18"})
REPLIES: dict[str, BounceClass] = {
    "421": "TransientFailure", "422": "QuotaIssues", "432": "TransientFailure", "450": "TransientFailure", "451": "TransientFailure",
    "452": "QuotaIssues", "454": "TransientFailure", "455": "ProtocolErrors", "500": "ProtocolErrors", "501": "ProtocolErrors",
    "502": "ProtocolErrors", "503": "ProtocolErrors", "504": "ProtocolErrors", "510": "InvalidRecipient", "511": "InvalidRecipient",
    "512": "BadDomain", "513": "InvalidRecipient", "521": "BadDomain", "522": "QuotaIssues", "523": "ContentRelated",
    "525": "InactiveMailbox", "530": "AuthenticationFailed", "534": "AuthenticationFailed", "535": "AuthenticationFailed",
    "538": "AuthenticationFailed", "541": "SpamBlock", "550": "Uncategorized", "551": "InvalidRecipient", "552": "QuotaIssues",
    "553": "InvalidRecipient", "554": "Uncategorized", "555": "ProtocolErrors", "556": "BadDomain", "571": "SpamBlock",
}  # fmt: skip


def by_status(status: str) -> BounceClass | None:
    """The class of a status such as `5.1.1`, by the code itself or the field that it names."""
    return STATUSES.get(status[2:]) or SUBJECTS.get(status[2:3])
