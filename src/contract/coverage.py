"""How much of a document was ever seen: documented (operation, status) pairs against recorded exchanges.

A record is a text file with one JSON object a line: `{"operation": "get_pet", "status": 200}`; whatever else an object holds is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from contract.errors import ContractError
from contract.operations import Json, operations


class Pair(NamedTuple):
    """An operation and a status it documents or gave."""

    operation: str
    status: int


class Coverage(NamedTuple):
    """What a document promises, and which of it nobody has seen; both in the document's order. `strange` was seen and is not promised."""

    documented: Sequence[Pair]
    missing: Sequence[Pair]
    strange: Sequence[Pair]

    @property
    def percent(self) -> float:
        """How much of what is documented was seen, in [0, 100]."""
        return 100.0 if not self.documented else 100 * (1 - len(self.missing) / len(self.documented))


def measure(bundle: Json, seen: Iterable[Pair]) -> Coverage:
    """Compare a document with what was seen. Statuses that are a class, such as `5XX`, are seen when one of the class was."""
    found = set(seen)
    documented: list[Pair] = []
    missing: list[Pair] = []
    explained: set[Pair] = set()
    for one in operations(bundle):
        for status in one.responses:
            fitting = {pair for pair in found if pair.operation == one.id and _fits(pair.status, status)}
            explained |= fitting
            pair = Pair(one.id, int(status.upper().replace("X", "0")) if status != "default" else 0)
            documented.append(pair)
            if not fitting:
                missing.append(pair)
    return Coverage(documented, missing, sorted(found - explained))


def read(path: Path) -> list[Pair]:
    """The pairs of a record. Raises ContractError naming the line that is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise ContractError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error
    return [_pair(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _pair(path: Path, number: int, line: str) -> Pair:
    try:
        exchange = json.loads(line)
        return Pair(str(exchange["operation"]), int(exchange["status"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ContractError(f"{path}:{number}: is not an exchange such as " + '{"operation": "get_pet", "status": 200}') from error


def _fits(status: int, documented: str) -> bool:
    return documented in {"default", str(status), f"{status // 100}XX", f"{status // 100}xx"}
