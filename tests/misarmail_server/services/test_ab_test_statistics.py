"""The statistics of A/B tests against exact values."""

from __future__ import annotations

from math import exp, lgamma, log
from typing import Any

import pytest

from misarmail_server.services.ab_test_statistics import Count, Estimate, compare


def exact(first: Count, second: Count) -> float:
    """P(second > first) by the finite sum for whole parameters (Miller, Formulas for Bayesian A/B Testing)."""

    def log_beta(a: float, b: float) -> float:
        return lgamma(a) + lgamma(b) - lgamma(a + b)

    a, b = 1 + first.successes, 1 + first.trials - first.successes
    c, d = 1 + second.successes, 1 + second.trials - second.successes
    return sum(exp(log_beta(a + i, b + d) - log(d + i) - log_beta(1 + i, d) - log_beta(a, b)) for i in range(c))


@pytest.mark.parametrize("number", [2, 3, 5])
def test_no_trials_give_the_uniform_interval(number: int) -> None:
    assert compare([Count(0, 0)] * number) == [Estimate(0.025, 0.975, round(1 / number, 6))] * number


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Count(200, 1000), Count(251, 1000)),
        (Count(1, 10), Count(2, 10)),
        (Count(0, 0), Count(5, 10)),
        (Count(10, 10), Count(0, 10)),
        (Count(0, 500), Count(3, 500)),
        (Count(1, 10), Count(2_000, 1_000_000)),
        (Count(200_000, 1_000_000), Count(200_500, 1_000_000)),
    ],
)
def test_the_probability_to_be_best_is_exact(first: Any, second: Any) -> None:
    result = compare([first, second])

    assert result[1].probability_best == pytest.approx(exact(first, second), abs=1e-4)
    assert result[0].probability_best + result[1].probability_best == pytest.approx(1, abs=2e-6)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [  # quantiles of Beta distributions with a closed form: x**n, and 1 - (1 - x)**n
        (Count(9, 9), 0.025**0.1, 0.975**0.1),
        (Count(0, 9), 1 - 0.975**0.1, 1 - 0.025**0.1),
        (Count(0, 999), 1 - 0.975**0.001, 1 - 0.025**0.001),
        (Count(1, 1), 0.025**0.5, 0.975**0.5),
    ],
)
def test_the_interval_has_the_exact_ends(count: Any, low: Any, high: Any) -> None:
    result = compare([count, Count(0, 0)])[0]

    assert [result.low, result.high] == pytest.approx([low, high], abs=5e-4)


def test_more_data_narrows_the_interval() -> None:
    widths = [each.high - each.low for each in compare([Count(2, 10), Count(20, 100), Count(200, 1_000), Count(2_000, 10_000)])]

    assert widths == sorted(widths, reverse=True)


def test_more_successes_than_trials_count_as_all_of_them() -> None:
    assert compare([Count(12, 10), Count(0, 0)]) == compare([Count(10, 10), Count(0, 0)])
