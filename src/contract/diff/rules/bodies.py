"""Request bodies, and the media types of bodies and responses."""

from __future__ import annotations

from contract.diff.findings import Change
from contract.diff.nodes import MapDiff, Pair
from contract.diff.rules.areas import Area, is_text
from contract.diff.rules.media import without_parameters
from contract.diff.rules.schemas import Comparison


def compare(comparison: Comparison, operation: Pair, *, is_outgoing: bool) -> None:
    """Report every change of an operation's request body."""
    before, after = operation.base.child("requestBody"), operation.revision.child("requestBody")
    reporter = AreaReporter(comparison, Area("request-body", "request body", is_outgoing=is_outgoing))
    if before is None or after is None:
        if after:
            word = "required" if after.flag("required") else "optional"
            reporter.report(f"request-body-added-{word}", f"was added and is {word}", Pair(operation.base, after))
        elif before:
            reporter.report("request-body-removed", "was removed", Pair(before, operation.revision))
        return
    _compare(reporter, Pair(before, after))


class AreaReporter:
    """Reports changes of one body or header as a whole."""

    def __init__(self, comparison: Comparison, area: Area) -> None:
        self.comparison = comparison
        self.area = area

    def report(self, name: str, predicate: str, pair: Pair) -> None:
        """Report an id at its level."""
        self.comparison.collector.add_at(Change(name, self.area.subject, predicate, level=self.area.level(name)), pair)


def _compare(reporter: AreaReporter, pair: Pair) -> None:
    before, after = pair.base.flag("required"), pair.revision.flag("required")
    if before != after:
        word = "required" if after else "optional"
        reporter.report(f"request-body-became-{word}", f"became {word}", pair)
    media_types = _matched(pair.children("content"))
    for name, node in media_types.removed.items():
        reporter.report("request-body-media-type-removed", f"no longer accepts {name}", Pair(node, pair.revision))
    for name, node in media_types.added.items():
        reporter.report("request-body-media-type-added", f"accepts {name}", Pair(pair.base, node))
    schemas(reporter, media_types)


def _matched(media: MapDiff) -> MapDiff:
    """Count media types that differ only in their parameters as common."""
    added_names = {without_parameters(name): name for name in media.added}
    renamed = {name: added_names[without_parameters(name)] for name in media.removed if without_parameters(name) in added_names}
    common = {name: Pair(media.removed[name], media.added[new_name]) for name, new_name in renamed.items()}
    removed = {name: node for name, node in media.removed.items() if name not in renamed}
    added = {name: node for name, node in media.added.items() if name not in renamed.values()}
    return MapDiff({**media.common, **common}, removed, added)


def schemas(reporter: AreaReporter, media: MapDiff) -> None:
    """Compare the schemas of the media types that both sides have."""
    part = reporter.area.part
    for name, pair in media.common.items():
        before, after = pair.base.child("schema"), pair.revision.child("schema")
        area = Area(part, f"{reporter.area.subject} ({name})", is_text=is_text(name), is_outgoing=reporter.area.is_outgoing)
        if before and after:
            reporter.comparison.schemas(area, Pair(before, after))
        elif before or after:
            _schema_added_or_removed(AreaReporter(reporter.comparison, area), pair, is_added=after is not None)


def _schema_added_or_removed(reporter: AreaReporter, pair: Pair, *, is_added: bool) -> None:
    word = "added" if is_added else "removed"
    reporter.report(f"{reporter.area.part}-media-type-schema-{word}", f"had its schema {word}", pair)
