"""Source locations: the file, line and column of every member of every mapping and list of a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import override

from contract.errors import ContractError

Mark = tuple[str, int, int]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A position in a file. Line and column count from 1; the file is relative to the working folder if it lies below it."""

    file: str
    line: int
    column: int

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Marks:
    """The marks of the members of each container, by the container's identity. Containers are kept alive, so that no identity is reused."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, dict[Any, Mark]]] = {}

    def record(self, container: Any, members: dict[Any, Mark]) -> None:
        """Store where the members of a container stand."""
        self._known[id(container)] = (container, members)

    def share(self, source: Any, copy: Any) -> None:
        """Give a copy the marks of its source."""
        if id(source) in self._known:
            self._known[id(copy)] = (copy, self._known[id(source)][1])

    def of(self, container: Any) -> dict[Any, Mark]:
        """The marks of a container's members; empty if none are known."""
        entry = self._known.get(id(container))
        return entry[1] if entry else {}

    def trail(self, container: Any, parts: list[str]) -> Iterator[Mark]:
        """The marks along a path of keys, outermost first; ends where the path ends."""
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
    """A path as it is shown to people: relative to the working folder if it lies below it."""
    resolved, working_folder = path.resolve(), Path.cwd()
    return str(resolved.relative_to(working_folder)) if resolved.is_relative_to(working_folder) else str(resolved)


def refuse(mark: Mark, sentence: str) -> ContractError:
    """The error for a mistake at a mark."""
    return ContractError(f"{Location(*mark)}: {sentence}")
