"""Schemathesis against a running server, every check and phase, and the proof that every documented link was followed."""

from __future__ import annotations

import json
import os
import re
import socket
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import schemathesis
from hypothesis import strategies
from schemathesis import cli, openapi
from schemathesis.cli.ext.handlers import CUSTOM_HANDLERS

from contract.errors import ContractError
from contract.openapi.operations import Json, operations, resolve, unescape
from contract.testing.fuzz_phases import PHASES
from contract.testing.fuzz_record import Record

CONFIG = "schemathesis.toml"
TOKEN_VARIABLE = "TOKEN"  # noqa: S105 - the name by which a configuration reads the token
PASSED, FAILED = 0, 1
CONNECT_SECONDS = 5
VARIABLE = re.compile(r"\$\{(\w+)\}")
DETERMINISTIC = re.compile(r"^\s*deterministic\s*=.*$", re.MULTILINE)
# Valid to everyone: a dot-atom local part and a plain domain, in ASCII (RFC 5321, section 4.1.2).
EMAIL = r"[a-z][a-z0-9]{0,15}([.+_-][a-z0-9]{1,10}){0,2}@([a-z][a-z0-9]{0,12}\.){1,2}(com|org|net|io|example)"


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `config` is a Schemathesis configuration (`${TOKEN}` in it is the token), None for a fixed seed and bearer schemes.

    `operations` are the ids it is about, all where none is named; `unfollowed` is how many links may be missed; `record` is where
    what was seen is written for `contract coverage`.
    """

    url: str
    token: str | None
    config: Path | None
    max_examples: int | None = None
    phases: tuple[str, ...] = PHASES
    seed: int | None = None
    operations: tuple[str, ...] = ()
    unfollowed: int = 0
    record: Path | None = None


@dataclass(slots=True)
class Seen:
    """What a run saw: links followed with a value from an answer, and (operation, status) pairs answered."""

    followed: set[str] = field(default_factory=set)
    answered: set[tuple[str, str]] = field(default_factory=set)

    def add(self, case: Any, interaction: Any) -> None:
        """Learn from one of Schemathesis's cases and what was answered, None for nothing."""
        if case.transition is not None and case.is_transition_applied:
            self.followed.add(case.transition.id)
        if interaction is not None and interaction.response is not None:
            self.answered.add((case.value.operation.label, str(interaction.response.status_code)))

    def missed(self, link: Link) -> bool:
        """Whether the link was there to follow and never was: its answer came, or the operation never succeeded at all."""
        if link.name in self.followed:
            return False
        succeeded = any(source == link.source and status.startswith("2") for source, status in self.answered)
        return not succeeded or (link.source, link.status) in self.answered


class Link(NamedTuple):
    """A documented link, named as Schemathesis does: `GET /a -> [200] name -> GET /b`."""

    source: str
    status: str
    name: str


def fuzz(bundle: Json, run: Run) -> int:
    """0 when no check failed and each documented link was followed, else 1. Raises ContractError when Schemathesis could not do its job."""
    reach(run.url)
    seen, record = Seen(), Record(bundle, run.url)
    openapi.format("email", strategies.from_regex(EMAIL, fullmatch=True))
    CUSTOM_HANDLERS.append(recorder(seen, record))
    if run.token is not None:
        os.environ[TOKEN_VARIABLE] = run.token
    code = max(_judged(bundle, part) for part in parts(bundle, run))
    if run.record:
        record.write(run.record)
    missed = [link.name for link in links(bundle) if seen.missed(link)] if "stateful" in run.phases else []
    for name in missed:
        print(f"link never followed: {name}")  # noqa: T201 - part of the run's report
    return FAILED if len(missed) > run.unfollowed else code


def parts(bundle: Json, run: Run) -> Iterator[Run]:
    """The run in parts: all that is not stateful, then the scenarios of each group of operations that links join.

    In one machine of a hundred operations a scenario seldom finds two steps that belong together.
    """
    rest = tuple(phase for phase in run.phases if phase != "stateful")
    if rest:
        yield replace(run, phases=rest)
    if "stateful" in run.phases:
        for group in groups(bundle):
            # With those that make what its requests name: Schemathesis begins no scenario with a thing that nothing else can make.
            yield replace(run, phases=("stateful",), operations=(*group, *makers(bundle, group)))


def groups(bundle: Json) -> list[tuple[str, ...]]:
    """Operation ids that links join, directly or through others, in the document's order; those that no link touches are left out."""
    joined: dict[str, set[str]] = {}
    by_label = {f"{one.method.upper()} {one.path}": one.id for one in operations(bundle)}
    for link in links(bundle):
        target = by_label.get(link.name.rpartition(" -> ")[2])
        if target is not None:
            both = joined.get(by_label[link.source], {by_label[link.source]}) | joined.get(target, {target})
            joined |= dict.fromkeys(both, both)
    order = {id_: number for number, id_ in enumerate(by_label.values())}
    found = {tuple(sorted(group, key=order.__getitem__)) for group in joined.values()}
    return sorted(found, key=lambda group: order[group[0]])


def makers(bundle: Json, group: Sequence[str]) -> list[str]:
    """The operations outside a group that make and show what its requests name: a maker's answer links to `/things/{thing_id}`."""
    made_by: dict[str, set[str]] = {}
    paths = {one.id: one.path for one in operations(bundle) if one.method == "get"}
    for operation in operations(bundle):
        for written in (one for response in operation.responses.values() for one in response.node.get("links", {}).values()):
            link, _ = resolve(bundle, written, "")
            shown = link.get("operationId", "")
            for name in link.get("parameters", {}):
                if paths.get(shown, "").endswith(f"/{{{name}}}"):
                    made_by[name] = made_by.get(name, set()) | {operation.id, shown}
    bodies = [one.body.media for one in operations(bundle) if one.id in group and one.body is not None]
    named = {name for media in bodies for schema in media.values() for name in _fields(bundle, schema, set())}
    wanted = {id_ for name in named for id_ in made_by.get(name, made_by.get(name.removesuffix("s"), set()))}
    return sorted(wanted - set(group))


def _fields(bundle: Json, node: Any, seen: set[str]) -> Iterator[str]:
    """Every name of a property in a schema and what it refers to."""
    if isinstance(node, list):
        for one in node:
            yield from _fields(bundle, one, seen)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        yield from _fields(bundle, resolve(bundle, node, "")[0], seen)
    if isinstance(node.get("properties"), dict):
        yield from node["properties"]
    for value in node.values():
        yield from _fields(bundle, value, seen)


def _judged(bundle: Json, run: Run) -> int:
    """The exit code of one part."""
    with tempfile.TemporaryDirectory(prefix="contract-fuzz-") as folder:
        code = schemathesis_run(arguments(bundle, run, Path(folder)))
    if code not in {PASSED, FAILED}:
        raise ContractError(f"Schemathesis {schemathesis.__version__} could not finish its run (exit code {code})")
    return code


def reach(url: str) -> None:
    """Raises ContractError unless something listens at the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except (OSError, KeyError, ValueError) as error:
        raise ContractError(f"{url} cannot be reached: {error}") from error


def arguments(bundle: Json, run: Run, folder: Path) -> list[str]:
    """The command line of the run; its files are written to `folder`."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(without_messages(bundle)))
    config = folder / CONFIG
    written = run.config.read_text() if run.config else configuration(bundle, has_token=run.token is not None)
    for name in VARIABLE.findall(written):
        os.environ.setdefault(name, "")  # one that is not set is no reason not to run
    # In deterministic mode Schemathesis ignores the seed; whoever names one wants another run.
    config.write_text(written if run.seed is None else DETERMINISTIC.sub("", written))
    words = ["--config-file", str(config), "run", str(document), "--url", run.url, "--checks", "all", "--phases", ",".join(run.phases)]
    words += [word for id_ in run.operations for word in ("--include-operation-id", id_)]
    words += [] if run.max_examples is None else ["--max-examples", str(run.max_examples)]
    return words if run.seed is None else [*words, "--seed", str(run.seed)]


def without_messages(node: Any) -> Any:
    """The document without the runtime's `x-messages`: Schemathesis takes a sentence under `pattern` for a pattern."""
    if isinstance(node, dict):
        return {key: without_messages(value) for key, value in node.items() if key != "x-messages"}
    return [without_messages(one) for one in node] if isinstance(node, list) else node


def configuration(bundle: Json, *, has_token: bool) -> str:
    """What is used where a project has no file of its own: the same run every time, the token for each bearer scheme."""
    lines = ["seed = 1", "[generation]", "deterministic = true", 'database = "none"']
    schemes = bundle.get("components", {}).get("securitySchemes", {}) if has_token else {}
    for name, written in schemes.items():
        scheme, _ = resolve(bundle, written, "")
        if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer":
            lines += [f"[auth.openapi.{json.dumps(name)}]", f'bearer = "${{{TOKEN_VARIABLE}}}"']
    return "\n".join(lines) + "\n"


def schemathesis_run(words: list[str]) -> int:
    """Run its command line in this process; the exit code."""
    try:
        return int(cli.schemathesis(words, standalone_mode=False) or PASSED)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED


def recorder(seen: Seen, record: Record) -> type:
    """An event handler of Schemathesis that fills `seen` and the record."""

    class Recorder:
        def __init__(self, *_: object, **__: object) -> None: ...

        def start(self, context: object) -> None: ...

        def shutdown(self, context: object) -> None: ...

        def handle_event(self, _context: object, event: object) -> None:
            scenario = getattr(event, "recorder", None)
            for interaction in getattr(scenario, "interactions", {}).values():
                record.add(interaction)
            for id_, case in getattr(scenario, "cases", {}).items():
                seen.add(case, getattr(scenario, "interactions", {}).get(id_))

    return Recorder


def links(bundle: Json) -> Iterator[Link]:
    """Every documented link."""
    labels = {one.id: f"{one.method.upper()} {one.path}" for one in operations(bundle)}
    for operation in operations(bundle):
        source = labels[operation.id]
        for status, response in operation.responses.items():
            for name, written in response.node.get("links", {}).items():
                link, _ = resolve(bundle, written, "")
                target = labels.get(link.get("operationId", "")) or referred(link.get("operationRef", ""))
                yield Link(source, status, f"{source} -> [{status}] {name} -> {target}")


def referred(reference: str) -> str:
    """`GET /b` for an `operationRef` into the same document."""
    _, _, path, method = f"{reference}////".split("/")[:4]
    return f"{method.upper()} {unescape(path)}"
