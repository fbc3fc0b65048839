"""Rates estimated from counts: Beta posteriors with a uniform prior, compared by numeric integration.

The posterior of `s` successes in `n` trials is Beta(1 + s, 1 + n - s). Everything is deterministic: there is no sampling.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import exp, lgamma, log, sqrt
from typing import NamedTuple

CREDIBLE_MASS = 0.95  # of a credible interval
POINT_COUNT = 800  # per posterior, evenly spaced over the range of its mass
REACH = 10.0  # standard deviations to each side
DIGITS = 6  # in results; the integration is accurate to about 4


class Count(NamedTuple):
    """The number of successes in a number of trials."""

    successes: int
    trials: int


class Estimate(NamedTuple):
    """The 95 % credible interval of a rate, and the probability that it is the highest of those compared."""

    low: float
    high: float
    probability_best: float


def compare(counts: Sequence[Count]) -> list[Estimate]:
    """An estimate for each count, in order; the probabilities add up to 1."""
    posteriors = [_Posterior(count) for count in counts]
    best = _best(posteriors)
    return [Estimate(*posterior.interval(), round(share, DIGITS)) for posterior, share in zip(posteriors, best, strict=True)]


class _Posterior:
    """A Beta distribution and the points at which it is evaluated."""

    def __init__(self, count: Count) -> None:
        successes = min(count.successes, count.trials)
        self._a, self._b = 1 + successes, 1 + count.trials - successes
        self._scale = lgamma(self._a + self._b) - lgamma(self._a) - lgamma(self._b)
        total = self._a + self._b
        mean, deviation = self._a / total, sqrt(self._a * self._b / (total * total * (total + 1)))
        low, high = max(0.0, mean - REACH * deviation), min(1.0, mean + REACH * deviation)
        self.points = [low + (high - low) * number / POINT_COUNT for number in range(POINT_COUNT + 1)]

    def density(self, rate: float) -> float:
        """The probability density; at the ends it is 0 or finite, since both parameters are at least 1."""
        if rate <= 0.0 or rate >= 1.0:
            exponent = self._a if rate <= 0.0 else self._b
            return exp(self._scale) if exponent == 1 else 0.0
        return exp(self._scale + (self._a - 1) * log(rate) + (self._b - 1) * log(1.0 - rate))

    def interval(self) -> tuple[float, float]:
        """The equal-tailed interval that contains CREDIBLE_MASS."""
        densities = [self.density(point) for point in self.points]
        below = _cumulated(self.points, densities)
        tail = (1.0 - CREDIBLE_MASS) / 2
        return self._quantile(below, tail), self._quantile(below, 1.0 - tail)

    def _quantile(self, below: list[float], share: float) -> float:
        index = max(1, bisect_left(below, share))
        before, after = below[index - 1], below[index]
        part = (share - before) / (after - before)
        return round(self.points[index - 1] + part * (self.points[index] - self.points[index - 1]), DIGITS)


def _best(posteriors: list[_Posterior]) -> list[float]:
    """For each posterior, the integral of its density times the probability that all others are lower, over the points of all."""
    points = sorted({point for posterior in posteriors for point in posterior.points})
    densities = [[posterior.density(point) for point in points] for posterior in posteriors]
    below = [_cumulated(points, density) for density in densities]
    weights = []
    for own, density in enumerate(densities):
        others = [shares for number, shares in enumerate(below) if number != own]
        product = list(density)
        for shares in others:
            product = [value * share for value, share in zip(product, shares, strict=True)]
        weights.append(_area(points, product))
    return [weight / sum(weights) for weight in weights]


def _cumulated(points: list[float], values: list[float]) -> list[float]:
    """The share of the area below each point, from 0 to 1."""
    area, areas = 0.0, [0.0]
    for index in range(1, len(points)):
        area += (values[index] + values[index - 1]) / 2 * (points[index] - points[index - 1])
        areas.append(area)
    return [cumulative / area for cumulative in areas]


def _area(points: list[float], values: list[float]) -> float:
    return sum((values[index] + values[index - 1]) / 2 * (points[index] - points[index - 1]) for index in range(1, len(points)))
