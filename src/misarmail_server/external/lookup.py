"""What is asked of the DNS, and what came back. That there is no record, and that no server replied, are told apart."""

from __future__ import annotations

from typing import Literal, NamedTuple

Failure = Literal["timeout", "server_failure"]


class Question(NamedTuple):
    """What is asked for: a name without its final dot, and a type such as `TXT`."""

    name: str
    type: str


class LookupResult(NamedTuple):
    """The records of that type: texts joined, MX as `preference host`, hosts in lower case without a final dot. Empty when there are none.

    `failure` says that nobody could tell, `is_secure` that the resolver has checked the answer by DNSSEC (RFC 4035, section 3.2.3).
    """

    values: tuple[str, ...] = ()
    failure: Failure | None = None
    is_secure: bool = False
