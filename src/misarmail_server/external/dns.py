"""DNS look-ups: many at once, each with a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from misarmail_server.external.dns_results import LookupResult, Question

ANSWER_SECONDS = 5.0  # for one question, including retries
TOGETHER_SECONDS = 15.0  # for all questions
MAX_CONCURRENT = 16


def look_up(server: tuple[str, int] | None, questions: Sequence[Question], *, seconds: float = ANSWER_SECONDS) -> list[LookupResult]:
    """A result for each question, in order. `server` is an address and a port, None for the system's resolver."""
    if not questions:
        return []
    # dnspython takes a tenth of a second to import, which the start of a server should not pay.
    from misarmail_server.external import dns_resolver  # noqa: PLC0415 - see above

    asking = dns_resolver.prepare(server, seconds)
    if asking is None:
        return [LookupResult(failure="server_failure")] * len(questions)
    pool = ThreadPoolExecutor(min(MAX_CONCURRENT, len(questions)), thread_name_prefix="dns")
    results = [pool.submit(dns_resolver.ask, asking, question) for question in questions]
    wait(results, TOGETHER_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    return [_in_time(result) for result in results]


def _in_time(answer: Future[LookupResult]) -> LookupResult:
    return answer.result() if answer.done() and not answer.cancelled() else LookupResult(failure="timeout")
