"""The changes that a rule proposes if there is only one correction: insert, remove or replace an entry."""

from __future__ import annotations

from typing import Any, NamedTuple


class Insert(NamedTuple):
    """Insert an entry into the mapping, or (with an empty `key`) an item into the list, at `pointer`; `is_first` puts it before the others.

    Without a value the entry is a reference: the one that all entries of that key in the same file have, if they agree.
    """

    pointer: str
    key: str
    value: Any = None
    is_first: bool = False


class Remove(NamedTuple):
    """Remove the entry or item at `pointer`."""

    pointer: str


class Replace(NamedTuple):
    """Replace the text of the scalar at `pointer`."""

    pointer: str
    value: str


Change = Insert | Remove | Replace


class LocatedChange(NamedTuple):
    """A change at a path through the data of one file, independent of its pointer in the bundle."""

    path: tuple[str | int, ...]
    change: Change


def apply(data: Any, steps: list[LocatedChange]) -> bool:
    """Apply changes to data; all paths refer to the data before the changes. False if one of them cannot be applied."""
    try:
        owners = [(_value_at(data, step.path[:-1]), step) for step in steps]
        targets = [_value_at(data, step.path) for step in steps]
        for (owner, step), target in zip(owners, targets, strict=True):
            if isinstance(step.change, Replace):
                owner[step.path[-1]] = step.change.value
            elif isinstance(step.change, Insert) and not _insert(target, step.change):
                return False
        for owner, number in _removals(owners):
            del owner[number]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _value_at(data: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def _insert(target: Any, change: Insert) -> bool:
    """Insert an entry. No rule proposes an item that must be the first, and its position would be a guess."""
    if isinstance(target, dict) and change.key and change.key not in target:
        target[change.key] = change.value
        return True
    if isinstance(target, list) and not change.key and not change.is_first:
        target.append(change.value)
        return True
    return False


def _removals(owners: list[tuple[Any, LocatedChange]]) -> list[tuple[Any, str | int]]:
    """The removed entries, each once; later items of a list come first."""
    removals = {(id(owner), step.path[-1]): (owner, step.path[-1]) for owner, step in owners if isinstance(step.change, Remove)}
    items = [item for item in removals.values() if isinstance(item[1], int)]
    return [*(item for item in removals.values() if isinstance(item[1], str)), *sorted(items, key=lambda item: item[1], reverse=True)]
