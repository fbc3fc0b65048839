"""The coverage of a document: its responses, media types, request examples and links, compared with what exchanges showed.

A record is a text file with one JSON object per line. `{"operation": "get_pet", "status": 200}` is a response; with `media` its media type,
with `link` a link of it that was followed. Without `status`, `media` is that of a request, and `example` one that was sent. Other members
are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from contract.errors import ContractError
from contract.openapi.operations import Operation, operations
from contract.openapi.references import Json
from contract.testing.coverage_parts import PARTS, Part
from contract.traffic import reading
from contract.traffic.observing import Observation, Observer, documented_status, examples_of, links_of
from contract.traffic.reading import Base


class Share(NamedTuple):
    """The documented items of one part, and those that were never seen; both in document order."""

    documented: Sequence[Observation]
    missing: Sequence[Observation]

    @property
    def percent(self) -> float:
        """The seen share of the documented items, in [0, 100]."""
        return 100.0 if not self.documented else 100 * (1 - len(self.missing) / len(self.documented))


class Coverage(NamedTuple):
    """A share for each part. `strange` are responses and media types that were seen and are not documented."""

    shares: dict[Part, Share]
    strange: Sequence[Observation]


def measure(bundle: Json, observations: Iterable[Observation]) -> Coverage:
    """Compare a document with observations. A status range such as `5XX` counts as seen when one of its statuses was."""
    by_id = {observation.id: observation for observation in operations(bundle)}
    seen_items = {_as_documented(by_id, observation) for observation in observations}
    documented: dict[Part, list[Observation]] = {part: [] for part in PARTS}
    for operation in by_id.values():
        for observation in items(bundle, operation):
            documented[part_of(observation)].append(observation)
    shares = {
        part: Share(all_, [observation for observation in all_ if observation not in seen_items]) for part, all_ in documented.items()
    }
    known = {observation for all_ in documented.values() for observation in all_}
    return Coverage(shares, sorted(observation for observation in seen_items - known if not observation.link))


def items(bundle: Json, operation: Operation) -> Iterator[Observation]:
    """All items of an operation. One that is refused as a whole in this version (`x-unavailable`) has no successes and no links."""
    is_unavailable = "x-unavailable" in operation.node
    for status, response in operation.responses.items():
        if is_unavailable and status.startswith("2"):
            continue
        yield Observation(operation.id, status)
        yield from (Observation(operation.id, status, media) for media in response.media)
    if operation.body is not None:
        yield from (Observation(operation.id, media=media) for media in operation.body.media)
    yield from (observation for observation, _ in examples_of(bundle, operation))
    if not is_unavailable:
        yield from (link.observation for link in links_of(bundle, operation))


def part_of(observation: Observation) -> Part:
    """The part that an item belongs to."""
    if observation.link:
        return "links"
    if observation.example:
        return "examples"
    return "media types" if observation.media else "responses"


def read(path: Path, bundle: Json, url: str | None = None) -> list[Observation]:
    """The observations of a record, a HAR file or a recorder's file. Raises ContractError with the first line that cannot be read."""
    text = reading.text_of(path)
    if reading.is_har(path, text) or _is_recorded(text):
        observer = Observer(bundle)
        return [
            observation
            for below, exchange in reading.exchanges(path, Base(bundle, url))
            for observation in observer.observe(below, exchange)
        ]
    return [_observation(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _is_recorded(text: str) -> bool:
    """Whether the lines are whole exchanges rather than observations."""
    return '"request":' in text.partition("\n")[0]


def _observation(path: Path, number: int, line: str) -> Observation:
    try:
        record: dict[str, Any] = json.loads(line)
        status = record.get("status", "")
        details = [str(record.get(key) or "") for key in ("media", "example", "link")]
        if not (str(status) or details[0]):
            raise KeyError("status")  # noqa: TRY301 - handled like every other invalid line
        return Observation(str(record["operation"]), str(status), *details)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContractError(f"{path}:{number}:1: is not an exchange such as " + '{"operation": "get_pet", "status": 200}') from error


def _as_documented(by_id: dict[str, Operation], observation: Observation) -> Observation:
    """The observation with its status as in the document."""
    operation = by_id.get(observation.operation)
    if operation is None or not observation.status.isdecimal():
        return observation
    return observation._replace(status=documented_status(operation, int(observation.status)) or observation.status)
