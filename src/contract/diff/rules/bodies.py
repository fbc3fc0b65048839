"""Request bodies, and the media types of bodies and answers."""

from __future__ import annotations

from contract.diff.findings import Change
from contract.diff.nodes import Pair, Split
from contract.diff.rules.areas import Area, is_text
from contract.diff.rules.media import bare
from contract.diff.rules.schemas import Comparison


def compare(comparison: Comparison, operation: Pair, *, is_sent: bool) -> None:
    """Report every change of an operation's request body."""
    before, after = operation.base.child("requestBody"), operation.revision.child("requestBody")
    teller = Teller(comparison, Area("request-body", "request body", is_sent=is_sent))
    if before is None or after is None:
        if after:
            word = "required" if after.flag("required") else "optional"
            teller.tell(f"request-body-added-{word}", f"was added and is {word}", Pair(operation.base, after))
        elif before:
            teller.tell("request-body-removed", "was removed", Pair(before, operation.revision))
        return
    _compare(teller, Pair(before, after))


class Teller:
    """Reports changes of one body as a whole."""

    def __init__(self, comparison: Comparison, area: Area) -> None:
        self.comparison = comparison
        self.area = area

    def tell(self, name: str, what: str, pair: Pair) -> None:
        """Report an id at its level."""
        self.comparison.collector.at(Change(name, self.area.subject, what, level=self.area.level(name)), pair)


def _compare(teller: Teller, pair: Pair) -> None:
    before, after = pair.base.flag("required"), pair.revision.flag("required")
    if before != after:
        word = "required" if after else "optional"
        teller.tell(f"request-body-became-{word}", f"became {word}", pair)
    found = _matched(pair.children("content"))
    for name, node in found.removed.items():
        teller.tell("request-body-media-type-removed", f"no longer takes {name}", Pair(node, pair.revision))
    for name, node in found.added.items():
        teller.tell("request-body-media-type-added", f"takes {name}", Pair(pair.base, node))
    schemas(teller, found)


def _matched(media: Split) -> Split:
    """The same split with media types that only changed their parameters counted as kept."""
    known = {bare(name): name for name in media.added}
    same = {name: known[bare(name)] for name in media.removed if bare(name) in known}
    kept = {name: Pair(media.removed[name], media.added[other]) for name, other in same.items()}
    removed = {name: node for name, node in media.removed.items() if name not in same}
    added = {name: node for name, node in media.added.items() if name not in same.values()}
    return Split({**media.kept, **kept}, removed, added)


def schemas(teller: Teller, media: Split) -> None:
    """Compare the schemas of the media types on both sides."""
    part = teller.area.part
    for name, pair in media.kept.items():
        before, after = pair.base.child("schema"), pair.revision.child("schema")
        area = Area(part, f"{teller.area.subject} ({name})", is_text=is_text(name), is_sent=teller.area.is_sent)
        if before and after:
            teller.comparison.schemas(area, Pair(before, after))
        elif before or after:
            _schema_came_or_went(Teller(teller.comparison, area), pair, is_added=after is not None)


def _schema_came_or_went(teller: Teller, pair: Pair, *, is_added: bool) -> None:
    word = "added" if is_added else "removed"
    teller.tell(f"{teller.area.part}-media-type-schema-{word}", f"had its schema {word}", pair)
