"""When mail comes back and when it is given up."""

from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.delivery.outcomes import NO_REPLY_AFTER_DOT, Outcome, held, not_before
from misarmail_server.delivery.queue import retry
from misarmail_server.delivery.queue.leased_row import Leased
from misarmail_server.delivery.queue.settlement import Settlement

HOUR = 3_600_000
BUSY = Outcome("deferred", 451, "busy")


def row(attempt: int = 1, priority: int = 0) -> Leased:
    return Leased(1, "msg_1", "acc_1", "a@example.com", attempt, "me", lease_until=0, due_since=0, is_sandbox=False, priority=priority)


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 5), (2, 15), (3, 60), (8, 1440), (9, 1440), (50, 1440)])
def test_retry_delay_follows_the_schedule_and_repeats_the_last(settings: Any, attempt: int, minutes: int) -> None:
    assert retry.retry_delay(attempt, settings().retry_delays, lambda: 0.5) == minutes * 60


@pytest.mark.parametrize(("drawn", "seconds"), [(0.0, 80), (0.5, 100), (0.999_999_9, 120)])
def test_jittered_stays_within_a_fifth(drawn: float, seconds: int) -> None:
    assert retry.jittered(100, lambda: drawn) == pytest.approx(seconds)


def conclude(settings: Any, outcome: Outcome, at: int, attempt: int = 1) -> Any:
    return retry.conclude(row(attempt), outcome, settings(), at=at, pause_seconds=8, draw=lambda: 0.5)


def test_conclude_defers_by_the_schedule(settings: Any) -> None:
    concluded = conclude(settings, BUSY, at=HOUR, attempt=2)

    assert (concluded.outcome, concluded.due_at) == (BUSY, HOUR + 15 * 60_000)


def test_conclude_holds_for_the_relay_s_pause(settings: Any) -> None:
    concluded = conclude(settings, held("down"), at=HOUR, attempt=7)

    assert (concluded.outcome.state, concluded.due_at) == ("held", HOUR + 8_000)


def test_conclude_tries_a_last_time_when_the_time_limit_ends(settings: Any) -> None:
    assert conclude(settings, BUSY, at=71 * HOUR, attempt=8).due_at == 72 * HOUR


@pytest.mark.parametrize("outcome", [BUSY, held("busy", 451), not_before(900, "busy", 451)])
def test_conclude_bounces_with_the_last_reply_after_the_time_limit(settings: Any, outcome: Outcome) -> None:
    concluded = conclude(settings, outcome, at=72 * HOUR, attempt=9)

    assert concluded.outcome == Outcome("bounced", 451, "busy")


def test_conclude_keeps_an_appointment(settings: Any) -> None:
    assert conclude(settings, not_before(1.5), at=HOUR).due_at == HOUR + 1_500
    assert conclude(settings, not_before(900, "busy", 451), at=72 * HOUR - 1_000).due_at == 72 * HOUR


def test_conclude_lets_mail_wait_for_its_turn_without_end(settings: Any) -> None:
    assert conclude(settings, not_before(900), at=100 * HOUR) == Settlement(row(), not_before(900), 100 * HOUR + 900_000)


def test_conclude_leaves_other_outcomes_as_they_are(settings: Any) -> None:
    delivered = Outcome("delivered", 250, "OK")

    assert conclude(settings, delivered, at=100 * HOUR) == Settlement(row(), delivered)


def test_conclude_sends_ambiguous_mail_again_unless_it_is_marketing(settings: Any) -> None:
    def conclude(priority: int) -> Any:
        return retry.conclude(row(priority=priority), NO_REPLY_AFTER_DOT, settings(), at=1_000, pause_seconds=1, draw=lambda: 0.5)

    assert [(each.outcome.state, each.due_at) for each in map(conclude, (0, 1))] == [("ambiguous", 301_000), ("ambiguous", None)]


def newsletter(settings: Any, outcome: Outcome, at: int, attempt: int = 1, **variables: str) -> Any:
    item = row(attempt, priority=1)._replace(campaign_id="camp_1")
    return retry.conclude(item, outcome, settings(**variables), at=at, pause_seconds=8, draw=lambda: 0.5)


def test_conclude_gives_marketing_up_after_a_day(settings: Any) -> None:
    concluded = retry.conclude(row(7, priority=1), BUSY, settings(), at=24 * HOUR, pause_seconds=8, draw=lambda: 0.5)

    assert concluded.outcome.state == "bounced"


def test_conclude_counts_a_campaign_s_time_limit_from_its_first_attempt(settings: Any) -> None:
    assert newsletter(settings, BUSY, at=100 * HOUR).due_at == 100 * HOUR + 5 * 60_000
    assert newsletter(settings, BUSY, at=100 * HOUR, attempt=7).due_at == 100 * HOUR + 8 * HOUR + 40 * 60_000
    assert newsletter(settings, BUSY, at=100 * HOUR, attempt=8).outcome.state == "bounced"
    assert newsletter(settings, held("down"), at=71 * HOUR).outcome.state == "held"


def test_conclude_sends_ambiguous_marketing_again_only_by_setting(settings: Any) -> None:
    assert newsletter(settings, NO_REPLY_AFTER_DOT, at=HOUR).due_at is None
    assert newsletter(settings, NO_REPLY_AFTER_DOT, at=HOUR, ambiguous_marketing="resend").due_at == HOUR + 5 * 60_000
