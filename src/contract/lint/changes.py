"""What a rule proposes where its remedy leaves no choice: an entry put in, taken out, or written anew."""

from __future__ import annotations

from typing import Any, NamedTuple


class Insert(NamedTuple):
    """An entry of the mapping, or (with an empty `key`) an item of the list, at `pointer`; `is_first` puts it before the others.

    Without a value it is the reference that all entries of that key in the same file are, where they are the same.
    """

    pointer: str
    key: str
    value: Any = None
    is_first: bool = False


class Remove(NamedTuple):
    """The entry or item at `pointer`."""

    pointer: str


class Replace(NamedTuple):
    """Another text for the scalar at `pointer`."""

    pointer: str
    value: str


Change = Insert | Remove | Replace


class Step(NamedTuple):
    """A change at a way through the data of one file, whatever its pointer in the bundle."""

    path: tuple[str | int, ...]
    change: Change


def apply(data: Any, steps: list[Step]) -> bool:
    """Make changes in data, all of them seen from how it was before; False where one of them cannot be made."""
    try:
        found = [(_at(data, step.path[:-1]), step) for step in steps]
        targets = [_at(data, step.path) for step in steps]
        for (owner, step), target in zip(found, targets, strict=True):
            if isinstance(step.change, Replace):
                owner[step.path[-1]] = step.change.value
            elif isinstance(step.change, Insert) and not _insert(target, step.change):
                return False
        for owner, number in _removals(found):
            del owner[number]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _at(data: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def _insert(target: Any, change: Insert) -> bool:
    """Put an entry in. An item that is to be the first is not offered by any rule, and its place among others would be a guess."""
    if isinstance(target, dict) and change.key and change.key not in target:
        target[change.key] = change.value
        return True
    if isinstance(target, list) and not change.key and not change.is_first:
        target.append(change.value)
        return True
    return False


def _removals(found: list[tuple[Any, Step]]) -> list[tuple[Any, str | int]]:
    """What is taken out, the later items of a list first; each once."""
    wanted = {(id(owner), step.path[-1]): (owner, step.path[-1]) for owner, step in found if isinstance(step.change, Remove)}
    items = [one for one in wanted.values() if isinstance(one[1], int)]
    return [*(one for one in wanted.values() if isinstance(one[1], str)), *sorted(items, key=lambda one: one[1], reverse=True)]
