"""Iteration over the items of a list, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from .problems import value_at

Page = TypeVar("Page")
Item = TypeVar("Item")
Path = tuple[str, ...]


def by_page(
    fetch: Callable[[int], Page], items: Callable[[Page], Iterable[Item]], *, total: Path | None, step: int = 1, first: int = 1
) -> Iterator[Item]:
    """Iterate by page number, or by offset if `step` is 0: the offset then grows by the number of items on each page.

    Ends at an empty page, when `total` is reached, or when a page equals the previous one.
    """
    position, item_count, previous = first, 0, None
    while True:
        page = fetch(position)
        page_items = list(items(page))
        if not page_items or page == previous:
            return
        yield from page_items
        item_count += len(page_items)
        count = value_at(_as_json(page), total) if total else None
        if isinstance(count, int) and item_count >= count:
            return
        position, previous = position + (step or len(page_items)), page


def by_cursor(fetch: Callable[[Any], Page], items: Callable[[Page], Iterable[Item]], *, cursor: Path, first: object) -> Iterator[Item]:
    """Iterate by cursor. Ends if there is no next cursor or it equals the previous one."""
    position: Any = first
    while True:
        page = fetch(position)
        yield from items(page)
        next_position = value_at(_as_json(page), cursor)
        if not next_position or next_position == position:
            return
        position = next_position


def _as_json(page: object) -> Any:
    """A model as JSON."""
    to_dict = getattr(page, "to_dict", None)
    return to_dict() if to_dict else page
