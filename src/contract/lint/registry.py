"""The registry of rules. A rule is a function that checks one kind of object and yields its violations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints

from contract.lint.changes import Change
from contract.openapi.locations import Location


class RuleViolation(NamedTuple):
    """Where a rule is violated: a JSON pointer of the bundle, or a location in a file outside it; and the detail.

    `changes` fix it, if there is only one correction.
    """

    target: str | Location
    detail: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule. `subject` is the type that it checks; `wants_context` tells whether it also gets the whole document."""

    name: str
    explanation: str
    subject: type
    wants_context: bool
    check: Callable[..., Iterator[RuleViolation]]

    @property
    def sentence(self) -> str:
        """The first line of the explanation, without its full stop."""
        return self.explanation.splitlines()[0].rstrip(".")


RULES: dict[str, Rule] = {}


def rule(check: Callable[..., Iterator[RuleViolation]]) -> Callable[..., Iterator[RuleViolation]]:
    """Register a function: its name is the rule's name, its docstring the message, its first annotation the type it is called for."""
    hints: dict[str, Any] = get_type_hints(check)
    hints.pop("return")
    name = check.__name__.replace("_", "-")
    RULES[name] = Rule(name, inspect.getdoc(check) or name, next(iter(hints.values())), len(hints) > 1, check)
    return check
