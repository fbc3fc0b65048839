"""DNS questions and their results. A name without records and a server without a reply are told apart."""

from __future__ import annotations

from typing import Literal, NamedTuple

Failure = Literal["timeout", "server_failure"]


class Question(NamedTuple):
    """A name without its final dot, and a record type such as `TXT`."""

    name: str
    type: str


class LookupResult(NamedTuple):
    """The records of that type: texts joined, MX as `preference host`, hosts in lower case without a final dot. Empty if there are none.

    `failure` says why there is no result; `is_secure` that the resolver has validated it by DNSSEC (RFC 4035, section 3.2.3).
    """

    values: tuple[str, ...] = ()
    failure: Failure | None = None
    is_secure: bool = False
