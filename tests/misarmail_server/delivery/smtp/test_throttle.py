"""The pace of mail to each provider, on a clock that the test moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from misarmail_server import settings
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.smtp.throttle import MAX_PROVIDERS, Admission, Throttle
from misarmail_server.setting_types import shaping
from misarmail_server.setting_types.shaping import Limits
from misarmail_server.settings import BadSettingError

SLOW = Limits("slow", connections=2, messages_per_connection=10)
OTHER = Limits("other", connections=10, messages_per_connection=10)
RATED = Limits("rated", connections=100, messages_per_connection=100, gap_seconds=0.5)
TAKEN = Outcome("delivered", 250, "ok")
BUSY = Outcome("deferred", 451, "4.7.1 try later")


class Clock:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shaper(clock: Clock) -> Throttle:
    return Throttle(most=16, clock=clock)


def admitted(shaper: Throttle, limits: Limits) -> Admission:
    turn = shaper.admit(limits)
    assert isinstance(turn, Admission)
    return turn


def given_back(shaper: Throttle, limits: Limits) -> Outcome:
    outcome = shaper.admit(limits)
    assert isinstance(outcome, Outcome)
    assert outcome.state == "released"
    return outcome


def attempt(shaper: Throttle, limits: Limits, outcome: Outcome) -> None:
    shaper.done(admitted(shaper, limits), outcome)


def test_admit_gives_as_many_turns_as_there_are_connections(shaper: Throttle) -> None:
    turns = [admitted(shaper, SLOW), admitted(shaper, SLOW)]
    given_back(shaper, SLOW)
    admitted(shaper, OTHER)

    shaper.done(turns[0], TAKEN)
    admitted(shaper, SLOW)


def test_admit_gives_appointments_one_after_the_other(shaper: Throttle) -> None:
    for _ in range(2):
        admitted(shaper, SLOW)

    waits = [given_back(shaper, SLOW).after_seconds for _ in range(5_000)]

    assert waits[:3] == [0.125, 0.25, 0.375]
    assert waits[-1] == 625.0


def test_admit_shares_limits_with_other_processes_and_never_gives_one_provider_all_threads(clock: Clock) -> None:
    assert Throttle(most=16, share=2, clock=clock).connections(OTHER) == 5
    assert Throttle(most=16, share=64, clock=clock).connections(OTHER) == 1
    assert Throttle(most=3, clock=clock).connections(OTHER) == 3


def test_admit_keeps_to_a_rate(shaper: Throttle, clock: Clock) -> None:
    admitted_at = []
    for tick in range(100):
        clock.at = 1_000.0 + tick / 10
        turn = shaper.admit(RATED)
        if isinstance(turn, Admission):
            admitted_at.append(tick)
            shaper.done(turn, TAKEN)

    assert len(admitted_at) == 22  # two a second for ten seconds, and two at once in the beginning
    assert admitted_at[:4] == [0, 1, 2, 5]


def test_admit_pauses_a_provider_that_defers_everything(shaper: Throttle, clock: Clock) -> None:
    for _ in range(4):
        attempt(shaper, SLOW, BUSY)
    attempt(shaper, SLOW, TAKEN)
    for _ in range(5):
        attempt(shaper, SLOW, BUSY)

    outcome = given_back(shaper, SLOW)
    assert (outcome.code, outcome.text) == (451, "4.7.1 try later")
    assert outcome.after_seconds == pytest.approx(30, abs=1)
    attempt(shaper, OTHER, TAKEN)

    clock.at += 31
    probe = admitted(shaper, SLOW)
    assert given_back(shaper, SLOW).text == ""  # one finds out for all
    shaper.done(probe, BUSY)
    assert given_back(shaper, SLOW).after_seconds == pytest.approx(60, abs=1)

    clock.at += 61
    attempt(shaper, SLOW, TAKEN)
    for _ in range(2):
        admitted(shaper, SLOW)


def test_admit_pauses_no_longer_than_half_an_hour(shaper: Throttle, clock: Clock) -> None:
    for _ in range(20):
        attempt(shaper, SLOW, Outcome("deferred", 421, "closing"))
        clock.at += 2_000

    attempt(shaper, SLOW, Outcome("deferred", 421, "closing"))
    assert given_back(shaper, SLOW).after_seconds == pytest.approx(1_800, abs=1)


@pytest.mark.parametrize(
    ("outcome", "is_paused"),
    [
        (Outcome("deferred", None, "no route"), True),
        (Outcome("ambiguous"), True),
        (Outcome("deferred", 421, "closing"), True),
        (Outcome("deferred", 450, "busy"), False),
        (Outcome("bounced", 550, "5.1.1 unknown"), False),
        (Outcome("bounced", 550, "5.7.1 blocked"), False),
    ],
)
def test_admit_pauses_at_once_only_where_all_mail_is_meant(outcome: Outcome, is_paused: bool, shaper: Throttle) -> None:
    attempt(shaper, SLOW, outcome)

    assert isinstance(shaper.admit(SLOW), Outcome) == is_paused


def test_admit_takes_refusals_of_us_for_a_storm(shaper: Throttle) -> None:
    for _ in range(5):
        attempt(shaper, SLOW, Outcome("bounced", 550, "5.7.1 blocked"))

    given_back(shaper, SLOW)


def test_admit_resumes_when_the_pause_is_over(shaper: Throttle, clock: Clock) -> None:
    attempt(shaper, SLOW, Outcome("deferred", 421, "closing"))
    clock.at += given_back(shaper, SLOW).after_seconds or 0

    admitted(shaper, SLOW)


def test_admit_takes_unknown_users_for_no_storm(shaper: Throttle) -> None:
    for _ in range(20):
        attempt(shaper, SLOW, Outcome("bounced", 550, "5.1.1 unknown"))

    admitted(shaper, SLOW)


def test_admit_remembers_a_bounded_number_of_providers(shaper: Throttle) -> None:
    held = admitted(shaper, SLOW)
    for number in range(MAX_PROVIDERS + 10):
        attempt(shaper, Limits(f"mx{number}.example.com", 1, 1), TAKEN)

    assert len(shaper._providers) == MAX_PROVIDERS  # noqa: SLF001 - what cannot be seen otherwise
    shaper.done(held, TAKEN)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("aspmx.l.google.com", Limits("google", 5, 50)),
        ("mta7.am0.yahoodns.net", Limits("yahoo", 10, 20)),
        ("example-com.mail.protection.outlook.com", Limits("microsoft", 10, 100)),
        ("notgoogle.com", Limits("notgoogle.com", 10, 100)),
        ("mx.example.com", Limits("mx.example.com", 10, 100)),
    ],
)
def test_of_host_rolls_hosts_up_to_providers(host: str, expected: Limits) -> None:
    assert shaping.load(None).of_host(host) == expected


def test_load_puts_the_operators_rules_first(tmp_path: Path) -> None:
    file = tmp_path / "shaping.toml"
    file.write_text('[default]\nrate = "60/m"\n[google]\nconnections = 1\nrate = "7200/h"\n[isp]\nmx = ["isp.example"]\nconnections = 3\n')
    rules = shaping.load(file)

    assert rules.of_host("mx.google.com") == Limits("google", 1, 50, 0.5)
    assert rules.of_host("mx1.isp.example") == Limits("isp", 3, 100, 1.0)
    assert rules.of_host("mx.example.com") == Limits("mx.example.com", 10, 100, 1.0)
    assert rules.of_host("mx.yahoodns.net").messages_per_connection == 20


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[google\n", "it is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 8)"),
        ("google = 1\n", "google must be a table, as [google]"),
        ("[google]\nconnections = 0\n", "google.connections must be a whole number from 1 to 1000000"),
        ("[google]\nconnections = true\n", "google.connections must be a whole number from 1 to 1000000"),
        ("[google]\nspeed = 5\n", "unknown key google.speed; the keys are mx, rate, connections and messages_per_connection"),
        ("[default]\nmx = []\n", "unknown key default.mx; the keys are mx, rate, connections and messages_per_connection"),
        ("[google]\nrate = 5\n", 'google.rate must be messages per period, such as "500/m"'),
        ('[google]\nrate = "0/m"\n', 'google.rate must be messages per period, such as "500/m"'),
        ('[google]\nmx = "google.com"\n', "google.mx must be a list of lower-case host names"),
        ('[google]\nmx = [".Google.com"]\n', "google.mx must be a list of lower-case host names"),
    ],
)
def test_load_refuses_rules_at_the_start(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "shaping.toml"
    file.write_text(text)

    with pytest.raises(BadSettingError) as refused:
        settings.load({"MISARMAIL_SHAPING": str(file)})

    assert str(refused.value) == f"MISARMAIL_SHAPING is {file}: {sentence}"


def test_load_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadSettingError, match="it cannot be read: No such file or directory"):
        settings.load({"MISARMAIL_SHAPING": str(tmp_path / "none.toml")})
