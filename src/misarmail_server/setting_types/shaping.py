"""Sending limits per provider: rules from data/shaping.toml, overridden by the operator's file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DEFAULT = "default"
PACKAGED = Path(__file__).parents[1] / "data" / "shaping.toml"
PERIODS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
MAX_COUNT = 1_000_000
COUNTS = ("connections", "messages_per_connection")
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")


class BadRuleError(Exception):
    """An invalid rule; the message names its key."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a provider. `gap_seconds` is the mean time between two messages, 0 for no limit."""

    provider: str
    connections: int
    messages_per_connection: int
    gap_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ShapingRules:
    """`suffixes` maps the end of an MX host's name to its provider."""

    suffixes: Mapping[str, str]
    limits: Mapping[str, Limits]

    def of_host(self, host: str) -> Limits:
        """The limits of the provider behind an MX host; a host that no rule names is a separate provider."""
        labels = host.split(".")
        for first in range(len(labels)):
            provider = self.suffixes.get(".".join(labels[first:]))
            if provider:
                return self.limits[provider]
        usual = self.limits[DEFAULT]
        return Limits(host, usual.connections, usual.messages_per_connection, usual.gap_seconds)


def load(path: Path | None) -> ShapingRules:
    """The packaged rules, overridden by the operator's. Raises BadRuleError."""
    tables = {name: dict(table) for name, table in _packaged().items()}
    for name, table in (_read(path) if path else {}).items():
        tables.setdefault(name, {}).update(table)
    usual = tables[DEFAULT]
    limits = {name: _limits(name, {**usual, **table}) for name, table in tables.items()}
    return ShapingRules({host: name for name, table in tables.items() for host in table.get("mx", ())}, limits)


@cache
def _packaged() -> Mapping[str, Mapping[str, Any]]:
    return _read(PACKAGED)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except OSError as error:
        raise BadRuleError(f"it cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRuleError(f"it is not valid TOML: {error}") from error
    for name, table in tables.items():
        _check(name, table)
    return tables


def _check(name: str, table: Any) -> None:
    """Check the keys and values of a rule."""
    if not isinstance(table, dict):
        raise BadRuleError(f"{name} must be a table, as [{name}]")
    for key, value in table.items():
        where = f"{name}.{key}"
        if key in COUNTS:
            if type(value) is not int or not 1 <= value <= MAX_COUNT:
                raise BadRuleError(f"{where} must be a whole number from 1 to {MAX_COUNT}")
        elif key == "rate":
            _gap(where, value)
        elif key != "mx" or name == DEFAULT:
            raise BadRuleError(f"unknown key {where}; the keys are mx, rate, {' and '.join(COUNTS)}")
        elif not isinstance(value, list) or not all(isinstance(host, str) and HOST.fullmatch(host) for host in value):
            raise BadRuleError(f"{where} must be a list of lower-case host names")


def _limits(name: str, table: Mapping[str, Any]) -> Limits:
    gap = _gap(f"{name}.rate", table["rate"]) if "rate" in table else 0.0
    return Limits(name, table["connections"], table["messages_per_connection"], gap)


def _gap(where: str, rate: Any) -> float:
    """Seconds between two messages at a rate such as `500/m`."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([smhd])", rate) if isinstance(rate, str) else None
    if not match:
        raise BadRuleError(f'{where} must be messages per period, such as "500/m"')
    return PERIODS[match[2]] / int(match[1])
