"""Whether an address bounced, from a relay's report: the receiver's status code and text decide, not the relay's word for them.

A relay calls `552 mailbox full` a hard bounce and `550 5.1.1` a block. Its word counts where it names no reply.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from misarmail_server.received.bounces.refusals import ReceiverReply, classify_reply, reply_in, status_in

BounceKind = Literal["hard_bounced", "soft_bounced"]


class RelayStatement(NamedTuple):
    """The report about one mail: whether the relay calls it permanent, and the receiver's reply as far as it is given."""

    is_permanent: bool
    text: str = ""
    status: str = ""
    code: int | None = None


def kind_of(statement: RelayStatement) -> BounceKind | None:
    """The kind of bounce, None if the reply says that the mail was accepted."""
    status = status_in(statement.status) or status_in(statement.text)
    code = reply_in(statement.text) or str(statement.code or "")
    if _is_success(statement.status, code):
        return None
    text = statement.text if reply_in(statement.text) else f"{code} {statement.text}".strip()
    verdict = classify_reply(ReceiverReply((text,), status, is_first_hand=statement.is_permanent))
    if verdict.is_hard:
        return "hard_bounced"
    is_temporary = status.startswith("4") or (not status and code.startswith("4"))
    if verdict.bounce_class == "Uncategorized" and statement.is_permanent and not is_temporary:
        return "hard_bounced"
    return "soft_bounced"


def _is_success(status: str, code: str) -> bool:
    return status.strip().startswith("2.") or (not status and code.startswith("2"))
