"""The report in a returned message, in the classes of KumoMTA's bounce classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from misarmail_server.received.bounces.bounce_class import BounceClass

ReportKind = Literal["bounce", "complaint", "auto_reply", "delivered", "none"]


@dataclass(frozen=True, slots=True)
class ReturnedRecipient:
    """The result for one address. `is_hard` is None if nothing bounced.

    `status` is the enhanced status (RFC 3463) and `reply` the SMTP reply code, both empty if missing.
    `is_delayed`: the reporter is still trying.
    """

    address: str
    bounce_class: BounceClass | None = None
    is_hard: bool | None = None
    status: str = ""
    reply: str = ""
    reason: str = ""
    is_delayed: bool = False


@dataclass(frozen=True, slots=True)
class BounceReport:
    """A report. `message_id` is the returned mail's, without angle brackets.

    `sent_to` is where the report itself was delivered: with VERP it identifies the returned mail. Both are empty if they are missing.
    """

    kind: ReportKind
    recipients: tuple[ReturnedRecipient, ...] = ()
    message_id: str = ""
    sent_to: str = ""
