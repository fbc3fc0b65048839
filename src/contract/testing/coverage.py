"""How much of a document was ever seen: its answers, media types, request examples and links against what exchanges showed.

A record is a text file with one JSON object a line. `{"operation": "get_pet", "status": 200}` is an answer; with `media` its media type,
with `link` a link of it that was followed. Without `status`, `media` is that of a request, and `example` one that was sent.
Whatever else an object holds is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from contract.errors import ContractError
from contract.openapi.operations import Json, Operation, operations
from contract.testing.coverage_parts import PARTS, Part
from contract.traffic import reading
from contract.traffic.observing import Observer, Seen, documented_status, examples_of, links_of
from contract.traffic.reading import Base


class Share(NamedTuple):
    """What a document has of one part, and which of it nobody has seen; both in the document's order."""

    documented: Sequence[Seen]
    missing: Sequence[Seen]

    @property
    def percent(self) -> float:
        """How much of what is documented was seen, in [0, 100]."""
        return 100.0 if not self.documented else 100 * (1 - len(self.missing) / len(self.documented))


class Coverage(NamedTuple):
    """A share for each part. `strange` are answers and media types that were seen and are not in the document."""

    shares: dict[Part, Share]
    strange: Sequence[Seen]


def measure(bundle: Json, seen: Iterable[Seen]) -> Coverage:
    """Compare a document with what was seen. Statuses that are a class, such as `5XX`, are seen when one of the class was."""
    by_id = {one.id: one for one in operations(bundle)}
    found = {_as_documented(by_id, one) for one in seen}
    documented: dict[Part, list[Seen]] = {part: [] for part in PARTS}
    for operation in by_id.values():
        for one in items(bundle, operation):
            documented[part_of(one)].append(one)
    shares = {part: Share(all_, [one for one in all_ if one not in found]) for part, all_ in documented.items()}
    known = {one for all_ in documented.values() for one in all_}
    return Coverage(shares, sorted(one for one in found - known if not one.link))


def items(bundle: Json, operation: Operation) -> Iterator[Seen]:
    """All that can be seen of an operation."""
    for status, response in operation.responses.items():
        yield Seen(operation.id, status)
        yield from (Seen(operation.id, status, media) for media in response.media)
    if operation.body is not None:
        yield from (Seen(operation.id, media=media) for media in operation.body.media)
    yield from (seen for seen, _ in examples_of(bundle, operation))
    yield from (link.seen for link in links_of(bundle, operation))


def part_of(seen: Seen) -> Part:
    """Which part one of a document's things belongs to."""
    if seen.link:
        return "links"
    if seen.example:
        return "examples"
    return "media types" if seen.media else "answers"


def read(path: Path, bundle: Json, url: str | None = None) -> list[Seen]:
    """What a record, a HAR file or a recorder's file shows. Raises ContractError naming the line that is none of these."""
    text = reading.text_of(path)
    if reading.is_har(path, text) or _is_recorded(text):
        observer = Observer(bundle)
        return [one for below, exchange in reading.exchanges(path, Base(bundle, url)) for one in observer.see(below, exchange)]
    return [_seen(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _is_recorded(text: str) -> bool:
    """Whether the lines are whole exchanges rather than what they showed."""
    return '"request":' in text.partition("\n")[0]


def _seen(path: Path, number: int, line: str) -> Seen:
    try:
        written: dict[str, Any] = json.loads(line)
        status = written.get("status", "")
        other = [str(written.get(key) or "") for key in ("media", "example", "link")]
        if not (str(status) or other[0]):
            raise KeyError("status")  # noqa: TRY301 - handled like every other invalid line
        return Seen(str(written["operation"]), str(status), *other)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContractError(f"{path}:{number}:1: is not an exchange such as " + '{"operation": "get_pet", "status": 200}') from error


def _as_documented(by_id: dict[str, Operation], seen: Seen) -> Seen:
    """The same with its status as the document writes it."""
    operation = by_id.get(seen.operation)
    if operation is None or not seen.status.isdecimal():
        return seen
    return seen._replace(status=documented_status(operation, int(seen.status)) or seen.status)
