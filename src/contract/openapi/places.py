"""Where things were written: the file, line and column of every member of every mapping and list of a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import override

from contract.errors import ContractError

Mark = tuple[str, int, int]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1, the file is relative to the working folder if it lies below it."""

    file: str
    line: int
    column: int

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Marks:
    """Member -> mark for each container. Containers are known by identity and kept alive, so that no identity is given twice."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, dict[Any, Mark]]] = {}

    def record(self, container: Any, members: dict[Any, Mark]) -> None:
        """Remember where the members of a container stand."""
        self._known[id(container)] = (container, members)

    def share(self, source: Any, copy: Any) -> None:
        """Let a copy have the marks of what it was copied from."""
        if id(source) in self._known:
            self._known[id(copy)] = (copy, self._known[id(source)][1])

    def of(self, container: Any) -> dict[Any, Mark]:
        """The marks of a container's members; empty where nothing is known."""
        known = self._known.get(id(container))
        return known[1] if known else {}

    def trail(self, container: Any, parts: list[str]) -> Iterator[Mark]:
        """The marks met on the way along the keys, outermost first; stops where the way ends."""
        for part in parts:
            key: Any = int(part) if isinstance(container, list) and part.isdigit() else part
            mark = self.of(container).get(key)
            if mark is not None:
                yield mark
            try:
                container = container[key]
            except (KeyError, IndexError, TypeError):
                return


def label(path: Path) -> str:
    """A path as people are shown it: relative to the working folder if it lies below it."""
    resolved, here = path.resolve(), Path.cwd()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(resolved)


def refuse(mark: Mark, sentence: str) -> ContractError:
    """The error for something written at a mark."""
    return ContractError(f"{Place(*mark)}: {sentence}")
