"""Deprecation, sunset dates and stability levels of operations, parameters and properties."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from contract.diff.nodes import DiffNode

STABILITY_LEVELS = ("draft", "alpha", "beta", "stable")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class LifecyclePolicy:
    """The project's requirements: days between deprecation and sunset by stability level, and the lowest level that counts.

    0 days mean that no sunset date is required.
    """

    today: dt.date
    days: dict[str, int]
    stability: str = "beta"

    def days_of(self, stability: str) -> int:
        """The required days at a stability level."""
        return self.days.get(stability, 0)

    def counts(self, stability: str) -> bool:
        """Whether changes at this stability level count."""
        return stability not in STABILITY_LEVELS or STABILITY_LEVELS.index(stability) >= STABILITY_LEVELS.index(self.stability)


@dataclass(frozen=True, slots=True)
class Sunset:
    """The text of `x-sunset`. `date` is None if it is not a date."""

    text: str
    date: dt.date | None


def sunset(node: DiffNode) -> Sunset | None:
    """The announced end, None without one. RFC 3339: a date, or a time whose date counts."""
    value = node.get("x-sunset")
    if value is None:
        return None
    text = str(value)
    try:
        return Sunset(text, dt.date.fromisoformat(text[:10]) if DATE.match(text) else None)
    except ValueError:
        return Sunset(text, None)


def stability(node: DiffNode) -> str:
    """The stability level; `stable` without one."""
    value = node.get("x-stability-level")
    return "stable" if value is None else str(value)


def deprecation(revision: DiffNode, policy: LifecyclePolicy, level: str) -> str:
    """The state of a new deprecation: `missing`, `invalid`, `too-small`, `dated` or `undated`."""
    days, announced = policy.days_of(level), sunset(revision)
    if announced is None:
        return "missing" if days else "undated"
    if announced.date is None:
        return "invalid"
    return "too-small" if (announced.date - policy.today).days < days else "dated"


def sunset_change(base: DiffNode, revision: DiffNode, policy: LifecyclePolicy) -> str:
    """The change of an announced sunset: `deleted`, `invalid`, `too-small` or empty."""
    before, after = sunset(base), sunset(revision)
    if before is None or before == after:
        return ""
    if after is None:
        return "deleted"
    if before.date is None or after.date is None:
        return "invalid"
    days = policy.days_of(stability(revision))
    is_too_soon = (after.date - policy.today).days < days if days else after.date < before.date
    return "too-small" if is_too_soon else ""


class LifecycleRules(NamedTuple):
    """The ids for one kind of object. `deprecated` is by the result of `deprecation`, `sunset` by that of `sunset_change`."""

    reactivated: str
    deprecated: Mapping[str, str]
    sunset: Mapping[str, str]


def changes(base: DiffNode, revision: DiffNode, policy: LifecyclePolicy, rules: LifecycleRules) -> Iterator[tuple[str, str]]:
    """(rule, predicate) of a deprecation and its sunset."""
    before, after = base.flag("deprecated"), revision.flag("deprecated")
    if before and not after:
        yield rules.reactivated, "is no longer deprecated"
    elif after and not before:
        state = deprecation(revision, policy, stability(revision))
        yield rules.deprecated[state], f"is deprecated (sunset {revision.get('x-sunset') or 'not announced'})"
    elif after and (change := sunset_change(base, revision, policy)):
        yield rules.sunset[change], f"has another sunset date ({base.get('x-sunset')} -> {revision.get('x-sunset')})"


def removal(base: DiffNode, policy: LifecyclePolicy) -> str:
    """How a removal was announced: `without-deprecation`, `with-deprecation`, `before-sunset` or `invalid`."""
    if not base.flag("deprecated"):
        return "without-deprecation"
    announced = sunset(base)
    if announced is None:
        return "with-deprecation"
    if announced.date is None:
        return "invalid"
    return "before-sunset" if policy.today < announced.date else "with-deprecation"


def stability_change(base: DiffNode, revision: DiffNode, policy: LifecyclePolicy) -> str:
    """`increased`, `decreased` or empty; also empty if a level is invalid or neither level counts."""
    before, after = stability(base), stability(revision)
    if before not in STABILITY_LEVELS or after not in STABILITY_LEVELS or before == after:
        return ""
    if not policy.counts(before) and not policy.counts(after):
        return ""
    return "increased" if STABILITY_LEVELS.index(after) > STABILITY_LEVELS.index(before) else "decreased"
