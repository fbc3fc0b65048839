"""Deprecation, sunset dates and stability levels: the same promises for operations, parameters and properties."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from contract.diff.nodes import Node

STABILITY = ("draft", "alpha", "beta", "stable")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a project demands: days between deprecation and sunset by stability (0: no date needed), and the least stability that counts."""

    today: dt.date
    days: dict[str, int]
    stability: str = "beta"

    def days_of(self, stability: str) -> int:
        """The days of grace at a stability level."""
        return self.days.get(stability, 0)

    def counts(self, stability: str) -> bool:
        """Whether what has this stability is promised to clients at all."""
        return stability not in STABILITY or STABILITY.index(stability) >= STABILITY.index(self.stability)


@dataclass(frozen=True, slots=True)
class Sunset:
    """An `x-sunset` as written: `date` is None for what is no date."""

    written: str
    date: dt.date | None


def sunset(node: Node) -> Sunset | None:
    """When something is announced to go, None where nothing is announced. RFC 3339: a date, or a time of which the date counts."""
    value = node.get("x-sunset")
    if value is None:
        return None
    text = str(value)
    try:
        return Sunset(text, dt.date.fromisoformat(text[:10]) if DATE.match(text) else None)
    except ValueError:
        return Sunset(text, None)


def stability(node: Node) -> str:
    """The stability level as written, `stable` where none is."""
    value = node.get("x-stability-level")
    return "stable" if value is None else str(value)


def deprecation(revision: Node, policy: Policy, level: str) -> str:
    """What is to be said of something newly deprecated: `missing`, `invalid`, `too-small`, `dated` or `undated`."""
    days, announced = policy.days_of(level), sunset(revision)
    if announced is None:
        return "missing" if days else "undated"
    if announced.date is None:
        return "invalid"
    return "too-small" if (announced.date - policy.today).days < days else "dated"


def sunset_change(base: Node, revision: Node, policy: Policy) -> str:
    """What became of an announced sunset: `deleted`, `invalid`, `too-small` or nothing."""
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


class Rules(NamedTuple):
    """The ids of one kind of thing; `deprecated` by what `deprecation` says, `sunset` by what `sunset_change` says."""

    reactivated: str
    deprecated: Mapping[str, str]
    sunset: Mapping[str, str]


def changes(base: Node, revision: Node, policy: Policy, rules: Rules) -> Iterator[tuple[str, str]]:
    """(rule, what happened) of a deprecation and its sunset."""
    before, after = base.flag("deprecated"), revision.flag("deprecated")
    if before and not after:
        yield rules.reactivated, "is no longer deprecated"
    elif after and not before:
        found = deprecation(revision, policy, stability(revision))
        yield rules.deprecated[found], f"is deprecated (sunset {revision.get('x-sunset') or 'not announced'})"
    elif after and (moved := sunset_change(base, revision, policy)):
        yield rules.sunset[moved], f"has another sunset date ({base.get('x-sunset')} -> {revision.get('x-sunset')})"


def removal(base: Node, policy: Policy) -> str:
    """How something that is gone was announced: `without-deprecation`, `with-deprecation`, `before-sunset` or `invalid`."""
    if not base.flag("deprecated"):
        return "without-deprecation"
    announced = sunset(base)
    if announced is None:
        return "with-deprecation"
    if announced.date is None:
        return "invalid"
    return "before-sunset" if policy.today < announced.date else "with-deprecation"


def stability_change(base: Node, revision: Node, policy: Policy) -> str:
    """`increased`, `decreased` or nothing; nothing too where a level is not one of the four, or neither is promised to clients."""
    before, after = stability(base), stability(revision)
    if before not in STABILITY or after not in STABILITY or before == after:
        return ""
    if not policy.counts(before) and not policy.counts(after):
        return ""
    return "increased" if STABILITY.index(after) > STABILITY.index(before) else "decreased"
