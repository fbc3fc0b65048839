"""All items of a list, page after page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from .problems import look

Page = TypeVar("Page")
Item = TypeVar("Item")
Path = tuple[str, ...]


def by_page(
    fetch: Callable[[int], Page], items: Callable[[Page], Iterable[Item]], *, total: Path | None, step: int = 1, first: int = 1
) -> Iterator[Item]:
    """From lists that are counted: by page number, or by offset where `step` is 0 and each page moves on by what it held.

    Ends at an empty page, when `total` is reached, and when a page says the same as the one before it.
    """
    position, seen, before = first, 0, None
    while True:
        page = fetch(position)
        found = list(items(page))
        if not found or page == before:
            return
        yield from found
        seen += len(found)
        count = look(_plain(page), total) if total else None
        if isinstance(count, int) and seen >= count:
            return
        position, before = position + (step or len(found)), page


def by_cursor(fetch: Callable[[Any], Page], items: Callable[[Page], Iterable[Item]], *, cursor: Path, first: object) -> Iterator[Item]:
    """From lists that name where the next page begins. Ends when none is named, or the same as before."""
    position: Any = first
    while True:
        page = fetch(position)
        yield from items(page)
        following = look(_plain(page), cursor)
        if not following or following == position:
            return
        position = following


def _plain(page: object) -> Any:
    """A model as it was on the wire."""
    to_dict = getattr(page, "to_dict", None)
    return to_dict() if to_dict else page
