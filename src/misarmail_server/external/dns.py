"""Questions to the DNS, many at once and never for long. That there is no record, and that nobody answered, are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Literal, NamedTuple

ANSWER_SECONDS = 5.0  # for one question, repeats included
TOGETHER_SECONDS = 15.0  # for all of them
AT_ONCE = 16

Failure = Literal["timeout", "server_failure"]


class Question(NamedTuple):
    """What is asked for: a name without its final dot, and a type such as `TXT`."""

    name: str
    type: str


class Found(NamedTuple):
    """The records of that type: texts joined, MX as `preference host`, hosts in lower case without a final dot. Empty when there are none.

    `failure` says that nobody could tell, `is_secure` that the resolver has checked the answer by DNSSEC (RFC 4035, section 3.2.3).
    """

    values: tuple[str, ...] = ()
    failure: Failure | None = None
    is_secure: bool = False


def look_up(server: tuple[str, int] | None, questions: Sequence[Question], *, seconds: float = ANSWER_SECONDS) -> list[Found]:
    """An answer for each question, in their order. `server` is an address and a port, None the system's resolver."""
    if not questions:
        return []
    # dnspython takes a tenth of a second to import; a server must not wait for it before it answers its first request.
    from misarmail_server.external import resolver  # noqa: PLC0415 - see above

    asking = resolver.prepare(server, seconds)
    if asking is None:
        return [Found(failure="server_failure")] * len(questions)
    pool = ThreadPoolExecutor(min(AT_ONCE, len(questions)), thread_name_prefix="dns")
    asked = [pool.submit(resolver.ask, asking, one) for one in questions]
    wait(asked, TOGETHER_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    return [_in_time(one) for one in asked]


def _in_time(answer: Future[Found]) -> Found:
    return answer.result() if answer.done() and not answer.cancelled() else Found(failure="timeout")
