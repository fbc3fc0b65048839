"""Rate limits: windows of a minute; threads, processes and other callers do not change the count of a key."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from misarmail_server.services import rate_limits
from misarmail_server.services.rate_limits import RateLimits

LIMITS = {"default": 100, "send": 3}
START = 1_800_000_000_000 // 60_000 * 60_000  # milliseconds, the beginning of a minute
SECRET = b"secret"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock, in seconds after START."""

    def set_clock(seconds: float) -> None:
        monkeypatch.setattr(rate_limits, "now", lambda: START + int(seconds * 1_000))

    set_clock(0)
    return set_clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rate-limits"


def granted(limits: RateLimits, times: int, caller: str = "key_1", name: str = "send") -> list[bool]:
    return [limits.take(caller, name).is_granted for _ in range(times)]


def test_take_grants_as_many_as_the_limit(at: Any, path: Path) -> None:
    at(12.5)
    limits = RateLimits(path, LIMITS, 1, SECRET)

    taken = [limits.take("key_1", "send") for _ in range(5)]

    assert [(each.limit, each.remaining, each.is_granted) for each in taken] == [
        (3, 2, True),
        (3, 1, True),
        (3, 0, True),
        (3, 0, False),
        (3, 0, False),
    ]
    assert {each.reset_at for each in taken} == {START // 1_000 + 60}


def test_the_file_of_the_counters_has_no_holes(path: Path) -> None:
    path.write_bytes(b"")
    os.truncate(path, rate_limits.SLOTS * rate_limits.SLOT.size)  # as earlier versions made it

    RateLimits(path, LIMITS, 1, SECRET)

    assert path.stat().st_blocks * 512 >= path.stat().st_size == rate_limits.SLOTS * rate_limits.SLOT.size


def test_take_counts_without_a_file_if_the_disk_is_full(at: Any, path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limit[1]))
    try:
        with capture_logs() as logged:
            limits = RateLimits(path, LIMITS, 1, SECRET)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    at(0)
    assert granted(limits, 5) == [True, True, True, False, False]
    assert [entry["event"] for entry in logged] == ["rate limits are not shared by the processes"]


def test_take_restarts_with_each_minute(at: Any, path: Path) -> None:
    limits = RateLimits(path, LIMITS, 1, SECRET)

    at(59.999)
    assert granted(limits, 4) == [True, True, True, False]
    at(60)
    assert granted(limits, 4) == [True, True, True, False]
    assert limits.take("key_1", "send").reset_at == START // 1_000 + 120


def test_take_counts_callers_and_classes_apart(at: Any, path: Path) -> None:  # noqa: ARG001 - the clock stands
    limits = RateLimits(path, LIMITS, 1, SECRET)
    granted(limits, 4)

    assert granted(limits, 4, name="default") == [True] * 4
    assert granted(limits, 4, caller="key_2") == [True, True, True, False]


@pytest.mark.parametrize(("factor", "limit"), [(2, 6), (0.5, 1), (0.1, 0)])
def test_take_multiplies_the_documented_limits(at: Any, path: Path, factor: float, limit: int) -> None:  # noqa: ARG001 - the clock stands
    limits = RateLimits(path, LIMITS, factor, SECRET)

    assert granted(limits, limit + 1) == [True] * limit + [False]
    assert limits.take("key_1", "send").limit == limit


def test_take_refuses_nothing_when_limits_are_off(path: Path) -> None:
    limits = RateLimits(path, LIMITS, 0, SECRET)

    taken = [limits.take("key_1", "send") for _ in range(1_000)]

    assert all(each.is_granted and each.remaining > 1_000 for each in taken)


def test_take_counts_across_all_users_of_the_file(at: Any, path: Path) -> None:  # noqa: ARG001 - the clock stands
    item, other = RateLimits(path, LIMITS, 1, SECRET), RateLimits(path, LIMITS, 1, SECRET)

    assert [item.take("key_1", "send").remaining, other.take("key_1", "send").remaining, item.take("key_1", "send").remaining] == [2, 1, 0]
    assert granted(other, 1) == [False]


def test_take_loses_no_count_between_threads_and_processes(at: Any, path: Path) -> None:  # noqa: ARG001 - the clock stands
    limits = RateLimits(path, {"send": 1_000_000}, 1, SECRET)
    minute = START // 60_000
    code = (
        "import sys, pathlib; from misarmail_server.services import rate_limits\n"
        f"rate_limits.now = lambda: {minute} * 60_000\n"
        "limits = rate_limits.RateLimits(pathlib.Path(sys.argv[1]), {'send': 1_000_000}, 1, b'secret')\n"
        "for _ in range(5_000): limits.take('key_1', 'send')\n"
    )

    with subprocess.Popen([sys.executable, "-c", code, path]) as process, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: granted(limits, 2_000), range(4)))
    assert process.returncode == 0

    assert limits.take("key_1", "send").remaining == 1_000_000 - 4 * 2_000 - 5_000 - 1


def test_take_counts_many_callers_separately(at: Any, path: Path) -> None:  # noqa: ARG001 - the clock stands
    limits = RateLimits(path, LIMITS, 1, SECRET)
    callers = [f"key_01hv{number:022}" for number in range(10_000)]

    for _ in range(3):
        assert all(limits.take(caller, "send").is_granted for caller in callers)

    assert not any(limits.take(caller, "send").is_granted for caller in callers)


def test_take_forgets_no_caller_when_the_file_is_full(at: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - the clock stands
    monkeypatch.setattr(rate_limits, "SLOTS", 16)
    limits = RateLimits(path, LIMITS, 1, SECRET)
    granted(limits, 3)

    taken = [limits.take(f"key_{number}", "send").is_granted for number in range(2, 1_000)]

    assert taken[0]
    assert sum(taken) <= 16 * 3  # no more than the slots can count
    assert granted(limits, 1) == [False]


def test_take_never_counts_a_caller_too_low(at: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - the clock stands
    monkeypatch.setattr(rate_limits, "SLOTS", 64)
    limits = RateLimits(path, {"send": 1_000_000}, 1, SECRET)
    order = random.Random(1)

    sofar: Counter[str] = Counter()
    for _ in range(5_000):
        caller = f"key_{int(order.expovariate(0.02))}"
        sofar[caller] += 1
        assert 1_000_000 - limits.take(caller, "send").remaining >= sofar[caller]


def test_take_assigns_callers_to_sets_by_the_secret(at: Any, path: Path, tmp_path: Path) -> None:  # noqa: ARG001 - the clock stands
    RateLimits(path, LIMITS, 1, SECRET).take("key_1", "send")
    RateLimits(tmp_path / "other", LIMITS, 1, b"another").take("key_1", "send")

    assert path.read_bytes() != (tmp_path / "other").read_bytes()
