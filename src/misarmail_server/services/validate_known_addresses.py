"""Offline knowledge about addresses: disposable domains, role addresses, and likely misspellings."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import disposable_email_domains

from misarmail_server.services.domain_names import lineage


def _lines(name: str) -> list[str]:
    """The lines of a data file without comments, in order."""
    lines = resources.files("misarmail_server").joinpath("data", name).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


ROLES = frozenset(_lines("role_accounts.txt"))
OFTEN_MISTYPED = _lines("often_mistyped.txt")
FREE_PROVIDERS = frozenset([*OFTEN_MISTYPED, *_lines("free_providers.txt")])
LONG_LABEL = 7  # letters; two typos in a shorter label may well be another name


def is_role(local: str) -> bool:
    """Whether the local part, without a +suffix, names a role."""
    return local.lower().partition("+")[0] in ROLES


def is_disposable(domain: str) -> bool:
    """Whether the domain, or one above it, provides disposable addresses."""
    return any(name in disposable_email_domains.blocklist for name in lineage(domain))


@lru_cache(maxsize=4096)  # callers choose the domains, so it must be bounded
def intended(domain: str) -> str | None:
    """The well-known domain that this one is a likely misspelling of; None if it is well known itself or similar to none."""
    if domain in FREE_PROVIDERS:
        return None
    label, _, suffix = domain.partition(".")
    candidates = [(label_distance + suffix_distance, known) for known, label_distance, suffix_distance in _compared(label, suffix)]
    return min(candidates, key=lambda candidate: candidate[0])[1] if candidates else None


def _compared(label: str, suffix: str) -> list[tuple[str, int, int]]:
    """(well-known domain, typos in its label, typos in its suffix) for those that are close enough."""
    candidates = []
    for known in OFTEN_MISTYPED:
        known_label, _, known_suffix = known.partition(".")
        distances = edit_distance(label, known_label), edit_distance(suffix, known_suffix)
        if distances[0] <= (2 if len(known_label) >= LONG_LABEL else 1) and distances[1] <= 1:
            candidates.append((known, *distances))
    return candidates


def edit_distance(written: str, intended: str) -> int:
    """The number of insertions, deletions, substitutions and transpositions (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(intended) + 1))
    for index, letter in enumerate(written, 1):
        last, before, row = before, row, [index]
        for other_index, other in enumerate(intended, 1):
            cost = min(before[other_index] + 1, row[-1] + 1, before[other_index - 1] + (letter != other))
            if last and other_index > 1 and letter == intended[other_index - 2] and written[index - 2] == other:
                cost = min(cost, last[other_index - 2] + 1)
            row.append(cost)
    return row[-1]
