"""What a rule is: one function that looks at one kind of thing and yields the spots where its sentence does not hold."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints

from contract.lint.changes import Change
from contract.openapi.locations import Location


class Spot(NamedTuple):
    """Where a rule is broken: a JSON pointer of the bundle, or a place in a file the bundle knows nothing of; and what is wrong there.

    `changes` mend it where there is only one way to.
    """

    where: str | Location
    detail: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule. `subject` is the type of what it looks at; `wants_contract` tells whether it is also given the whole."""

    name: str
    explanation: str
    subject: type
    wants_contract: bool
    check: Callable[..., Iterator[Spot]]

    @property
    def sentence(self) -> str:
        """The first line of the explanation, without its full stop."""
        return self.explanation.splitlines()[0].rstrip(".")


RULES: dict[str, Rule] = {}


def rule(check: Callable[..., Iterator[Spot]]) -> Callable[..., Iterator[Spot]]:
    """Register a function: its name is the rule's, its docstring the message, its first annotation what it is called for."""
    hints: dict[str, Any] = get_type_hints(check)
    hints.pop("return")
    name = check.__name__.replace("_", "-")
    RULES[name] = Rule(name, inspect.getdoc(check) or name, next(iter(hints.values())), len(hints) > 1, check)
    return check
