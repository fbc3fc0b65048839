"""The answers of an operation: statuses, media types and headers."""

from __future__ import annotations

from itertools import islice

from contract.diff.nodes import Node, Pair, Split, split
from contract.diff.rules import bodies
from contract.diff.rules.areas import Area
from contract.diff.rules.bodies import Teller
from contract.diff.rules.media import relation
from contract.diff.rules.schemas import Comparison

MOST_NAMES = 100  # media types that one may have become


def compare(comparison: Comparison, operation: Pair) -> None:
    """Report every change of an operation's answers."""
    found = split(_statuses(operation.base), _statuses(operation.revision))
    for status, node in found.removed.items():
        _teller(comparison, status).tell(f"response-{_success(status)}-status-removed", "was removed", Pair(node, operation.revision))
    for status, node in found.added.items():
        _teller(comparison, status).tell(f"response-{_success(status)}-status-added", "was added", Pair(operation.base, node))
    for status, pair in found.kept.items():
        if not comparison.sameness.same(pair):
            _media(_teller(comparison, status), pair)
            _headers(comparison, status, pair)


def _statuses(operation: Node) -> dict[str, Node]:
    return {status: node for status, node in operation.children("responses").items() if not status.startswith("x-")}


def _success(status: str) -> str:
    return "success" if status.startswith("2") else "non-success"


def _teller(comparison: Comparison, status: str) -> Teller:
    return Teller(comparison, Area("response-body", f"response {status}"))


def _media(teller: Teller, pair: Pair) -> None:
    found = _matched(teller, pair.children("content"))
    for name, node in found.removed.items():
        teller.tell("response-media-type-removed", f"no longer comes as {name}", Pair(node, pair.revision))
    for name, node in found.added.items():
        teller.tell("response-media-type-added", f"also comes as {name}", Pair(pair.base, node))
    bodies.schemas(teller, found)


def _matched(teller: Teller, media: Split) -> Split:
    """The same split with media types that only changed their name (a parameter, a range, a suffix) counted as kept."""
    kept, added = dict(media.kept), dict(media.added)
    removed = {}
    for before, node in media.removed.items():
        after = next((name for name in islice(added, MOST_NAMES) if relation(before, name)), None)
        if after is None:
            removed[before] = node
            continue
        kept[after] = Pair(node, added.pop(after))
        word = relation(before, after)
        teller.tell(f"response-media-type-name-{word}", f"names its media type otherwise ({before} -> {after})", kept[after])
    return Split(kept, removed, added)


def _headers(comparison: Comparison, status: str, pair: Pair) -> None:
    found = split(_by_name(pair.base), _by_name(pair.revision))
    for name, node in found.removed.items():
        word = "required" if node.flag("required") else "optional"
        _header(comparison, status, name).tell(f"{word}-response-header-removed", "was removed", Pair(node, pair.revision))
    for name, node in found.added.items():
        _header(comparison, status, name).tell("response-header-added", "was added", Pair(pair.base, node))
    for name, header in found.kept.items():
        teller = _header(comparison, status, name)
        if header.base.flag("required") and not header.revision.flag("required"):
            teller.tell("response-header-became-optional", "became optional", header)
        if both := header.child("schema"):
            comparison.schemas(teller.area, both)


def _by_name(response: Node) -> dict[str, Node]:
    """Headers by their name, which is the same in any case."""
    return {name.lower(): node for name, node in response.children("headers").items()}


def _header(comparison: Comparison, status: str, name: str) -> Teller:
    return Teller(comparison, Area("response-header", f"header {name!r} of response {status}", is_text=True))
