"""The responses of an operation: statuses, media types and headers."""

from __future__ import annotations

from itertools import islice

from contract.diff.nodes import DiffNode, MapDiff, Pair, diff_maps
from contract.diff.rules import bodies
from contract.diff.rules.areas import Area
from contract.diff.rules.bodies import AreaReporter
from contract.diff.rules.media import relation
from contract.diff.rules.schemas import Comparison

MAX_CANDIDATES = 100  # added media types that a removed one is compared with


def compare(comparison: Comparison, operation: Pair) -> None:
    """Report every change of an operation's responses."""
    responses = diff_maps(_statuses(operation.base), _statuses(operation.revision))
    for status, node in responses.removed.items():
        _reporter(comparison, status).report(
            f"response-{_success_word(status)}-status-removed", "was removed", Pair(node, operation.revision)
        )
    for status, node in responses.added.items():
        _reporter(comparison, status).report(f"response-{_success_word(status)}-status-added", "was added", Pair(operation.base, node))
    for status, pair in responses.common.items():
        if not comparison.equality.is_unchanged(pair):
            _media(_reporter(comparison, status), pair)
            _headers(comparison, status, pair)


def _statuses(operation: DiffNode) -> dict[str, DiffNode]:
    return {status: node for status, node in operation.children("responses").items() if not status.startswith("x-")}


def _success_word(status: str) -> str:
    return "success" if status.startswith("2") else "non-success"


def _reporter(comparison: Comparison, status: str) -> AreaReporter:
    return AreaReporter(comparison, Area("response-body", f"response {status}"))


def _media(reporter: AreaReporter, pair: Pair) -> None:
    media_types = _matched(reporter, pair.children("content"))
    for name, node in media_types.removed.items():
        reporter.report("response-media-type-removed", f"is no longer returned as {name}", Pair(node, pair.revision))
    for name, node in media_types.added.items():
        reporter.report("response-media-type-added", f"is also returned as {name}", Pair(pair.base, node))
    bodies.schemas(reporter, media_types)


def _matched(reporter: AreaReporter, media: MapDiff) -> MapDiff:
    """Count media types that only changed their name (a parameter, a range, a suffix) as common."""
    common, added = dict(media.common), dict(media.added)
    removed = {}
    for before, node in media.removed.items():
        after = next((name for name in islice(added, MAX_CANDIDATES) if relation(before, name)), None)
        if after is None:
            removed[before] = node
            continue
        common[after] = Pair(node, added.pop(after))
        word = relation(before, after)
        reporter.report(f"response-media-type-name-{word}", f"has another media type name ({before} -> {after})", common[after])
    return MapDiff(common, removed, added)


def _headers(comparison: Comparison, status: str, pair: Pair) -> None:
    headers = diff_maps(_by_name(pair.base), _by_name(pair.revision))
    for name, node in headers.removed.items():
        word = "required" if node.flag("required") else "optional"
        _header(comparison, status, name).report(f"{word}-response-header-removed", "was removed", Pair(node, pair.revision))
    for name, node in headers.added.items():
        _header(comparison, status, name).report("response-header-added", "was added", Pair(pair.base, node))
    for name, header in headers.common.items():
        reporter = _header(comparison, status, name)
        if header.base.flag("required") and not header.revision.flag("required"):
            reporter.report("response-header-became-optional", "became optional", header)
        if both := header.child("schema"):
            comparison.schemas(reporter.area, both)


def _by_name(response: DiffNode) -> dict[str, DiffNode]:
    """Headers by lower-case name."""
    return {name.lower(): node for name, node in response.children("headers").items()}


def _header(comparison: Comparison, status: str, name: str) -> AreaReporter:
    return AreaReporter(comparison, Area("response-header", f"header {name!r} of response {status}", is_text=True))
