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
