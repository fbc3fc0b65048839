"""Schemathesis against a running server: every check and phase, and whether every documented link was followed."""

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
from contract.openapi.operations import operations
from contract.openapi.references import Json, resolve, unescape
from contract.testing.fuzz_phases import PHASES
from contract.testing.fuzz_record import FuzzRecord

CONFIG = "schemathesis.toml"
TOKEN_VARIABLE = "TOKEN"  # noqa: S105 - the name by which a configuration reads the token
PASSED, FAILED = 0, 1
CONNECT_SECONDS = 5
RETRY_SEEDS = (2, 3, 4)  # of further attempts at a link that chance left out
VARIABLE = re.compile(r"\$\{(\w+)\}")
DETERMINISTIC = re.compile(r"^\s*deterministic\s*=.*$", re.MULTILINE)
# Valid everywhere: a dot-atom local part and a plain domain, in ASCII (RFC 5321, section 4.1.2).
EMAIL = r"[a-z][a-z0-9]{0,15}([.+_-][a-z0-9]{1,10}){0,2}@([a-z][a-z0-9]{0,12}\.){1,2}(com|org|net|io|example)"


@dataclass(frozen=True, slots=True)
class FuzzRun:
    """One run. `config` is a Schemathesis configuration (`${TOKEN}` in it is the token), None for a fixed seed and bearer schemes.

    `operations` are the ids to test, all if empty; `unfollowed` is how many links may stay unfollowed; `record` is the file for `contract
    coverage`.
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
class RunObservations:
    """The observations of a run: links followed with a value from a response, and (operation, status) pairs."""

    followed: set[str] = field(default_factory=set)
    statuses: set[tuple[str, str]] = field(default_factory=set)

    def add(self, case: Any, interaction: Any) -> None:
        """Observe one of Schemathesis's cases and its interaction, None for none."""
        if case.transition is not None and case.is_transition_applied:
            self.followed.add(case.transition.id)
        if interaction is not None and interaction.response is not None:
            self.statuses.add((case.value.operation.label, str(interaction.response.status_code)))

    def missed(self, bundle: Json) -> list[DocumentedLink]:
        """The documented links that could be followed and never were."""
        return [link for link in links(bundle) if self.is_missed(link)]

    def is_missed(self, link: DocumentedLink) -> bool:
        """Whether the link could be followed and never was: its response came, or the operation never succeeded."""
        if link.name in self.followed:
            return False
        succeeded = any(source == link.source and status.startswith("2") for source, status in self.statuses)
        return not succeeded or (link.source, link.status) in self.statuses


class DocumentedLink(NamedTuple):
    """A documented link, named as in Schemathesis: `GET /a -> [200] name -> GET /b`."""

    source: str
    status: str
    name: str


def fuzz(bundle: Json, run: FuzzRun) -> int:
    """0 if all checks passed and every documented link was followed, else 1. Raises ContractError if Schemathesis could not run."""
    require_reachable(run.url)
    observations, record = RunObservations(), FuzzRecord(bundle, run.url)
    for format_ in ("email", "idn-email"):
        openapi.format(format_, strategies.from_regex(EMAIL, fullmatch=True))
    CUSTOM_HANDLERS.append(recorder(observations, record))
    if run.token is not None:
        os.environ[TOKEN_VARIABLE] = run.token
    code = max(_run_part(bundle, part) for part in parts(bundle, run))
    missed = observations.missed(bundle) if "stateful" in run.phases else []
    if len(missed) > run.unfollowed:
        code = max(code, _follow_missed(bundle, run, observations))
        missed = observations.missed(bundle)
    if run.record:
        record.write(run.record)
    for link in missed:
        print(f"link never followed: {link.name}")  # noqa: T201 - part of the report
    return FAILED if len(missed) > run.unfollowed else code


def _follow_missed(bundle: Json, run: FuzzRun, observations: RunObservations) -> int:
    """Run the narrow groups of the missed links, as thoroughly as the configuration says; one that was followed meanwhile is left out."""
    code = PASSED
    alone = replace(run, phases=("stateful",), max_examples=None)
    for source, group in narrow_groups(bundle, observations.missed(bundle)).items():
        if any(link.source == source for link in observations.missed(bundle)):
            code = max(code, _run_part(bundle, replace(alone, operations=group)))
    for seed in (run.seed, *RETRY_SEEDS):  # each only with what it needs; the same seed again would take the same steps
        for link in observations.missed(bundle):
            (group,) = narrow_groups(bundle, [link]).values()
            code = max(code, _run_part(bundle, replace(alone, operations=group, seed=seed)))
    return code


def parts(bundle: Json, run: FuzzRun) -> Iterator[FuzzRun]:
    """The run in parts: all phases but the stateful one, then the stateful phase for each group of operations that links join.

    In one state machine of a hundred operations, a scenario seldom finds two steps that belong together.
    """
    stateless = tuple(phase for phase in run.phases if phase != "stateful")
    if stateless:
        yield replace(run, phases=stateless)
    if "stateful" in run.phases:
        for group in groups(bundle):
            # With the operations that create what its requests refer to: Schemathesis starts no scenario without them.
            yield replace(run, phases=("stateful",), operations=(*group, *creators(bundle, group)))


def narrow_groups(bundle: Json, missed: Sequence[DocumentedLink]) -> dict[str, tuple[str, ...]]:
    """For each operation with missed links: it, their targets, and the operations that create what these refer to.

    In a small state machine the step that a large one seldom takes is one of few.
    """
    by_label = {f"{operation.method.upper()} {operation.path}": operation.id for operation in operations(bundle)}
    narrow: dict[str, tuple[str, ...]] = {}
    for source in dict.fromkeys(link.source for link in missed):
        targets = (by_label[link.name.rpartition(" -> ")[2]] for link in missed if link.source == source)
        group = tuple(dict.fromkeys((by_label[source], *targets)))
        narrow[source] = (*group, *creators(bundle, group))
    return narrow


def groups(bundle: Json) -> list[tuple[str, ...]]:
    """Operation ids that links join, directly or indirectly, in document order; operations without links are left out."""
    joined: dict[str, set[str]] = {}
    by_label = {f"{operation.method.upper()} {operation.path}": operation.id for operation in operations(bundle)}
    for link in links(bundle):
        target = by_label.get(link.name.rpartition(" -> ")[2])
        if target is not None:
            both = joined.get(by_label[link.source], {by_label[link.source]}) | joined.get(target, {target})
            joined |= dict.fromkeys(both, both)
    order = {id_: number for number, id_ in enumerate(by_label.values())}
    joined_groups = {tuple(sorted(group, key=order.__getitem__)) for group in joined.values()}
    return sorted(joined_groups, key=lambda group: order[group[0]])


def creators(bundle: Json, group: Sequence[str]) -> list[str]:
    """The operations outside a group that create what its requests refer to: a creator's response links to `/items/{item_id}`."""
    created_by: dict[str, set[str]] = {}
    paths = {candidate.id: candidate.path for candidate in operations(bundle) if candidate.method == "get"}
    for operation in operations(bundle):
        for raw_link in (candidate for response in operation.responses.values() for candidate in response.node.get("links", {}).values()):
            link, _ = resolve(bundle, raw_link, "")
            target = link.get("operationId", "")
            for name in link.get("parameters", {}):
                if paths.get(target, "").endswith(f"/{{{name}}}"):
                    created_by[name] = created_by.get(name, set()) | {operation.id, target}
    members = [candidate for candidate in operations(bundle) if candidate.id in group]
    schemas = [schema for member in members if member.body is not None for schema in member.body.media.values()]
    named = {name for schema in schemas for name in _fields(bundle, schema, set())}
    named |= {parameter.name for member in members for parameter in member.parameters if parameter.location == "path"}
    needed = {id_ for name in named for id_ in created_by.get(name, created_by.get(name.removesuffix("s"), set()))}
    return sorted(needed - set(group))


def _fields(bundle: Json, node: Any, visited: set[str]) -> Iterator[str]:
    """Every property name in a schema and its targets."""
    if isinstance(node, list):
        for item in node:
            yield from _fields(bundle, item, visited)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and reference not in visited:
        visited.add(reference)
        yield from _fields(bundle, resolve(bundle, node, "")[0], visited)
    if isinstance(node.get("properties"), dict):
        yield from node["properties"]
    for value in node.values():
        yield from _fields(bundle, value, visited)


def _run_part(bundle: Json, run: FuzzRun) -> int:
    """The exit code of one part."""
    with tempfile.TemporaryDirectory(prefix="contract-fuzz-") as folder:
        code = schemathesis_run(arguments(bundle, run, Path(folder)))
    if code not in {PASSED, FAILED}:
        raise ContractError(f"Schemathesis {schemathesis.__version__} could not finish its run (exit code {code})")
    return code


def require_reachable(url: str) -> None:
    """Raises ContractError unless a server listens at the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except (OSError, KeyError, ValueError) as error:
        raise ContractError(f"{url} cannot be reached: {error}") from error


def arguments(bundle: Json, run: FuzzRun, folder: Path) -> list[str]:
    """The command line of the run. Its files are written to `folder`."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(without_messages(bundle)))
    config = folder / CONFIG
    text = run.config.read_text() if run.config else configuration(bundle, has_token=run.token is not None)
    for name in VARIABLE.findall(text):
        os.environ.setdefault(name, "")  # an unset variable must not prevent the run
    # In deterministic mode Schemathesis ignores the seed, so a given seed turns that mode off.
    config.write_text(text if run.seed is None else DETERMINISTIC.sub("", text))
    command_line = [
        "--config-file",
        str(config),
        "run",
        str(document),
        "--url",
        run.url,
        "--checks",
        "all",
        "--phases",
        ",".join(run.phases),
    ]
    command_line += [word for id_ in run.operations for word in ("--include-operation-id", id_)]
    command_line += [] if run.max_examples is None else ["--max-examples", str(run.max_examples)]
    return command_line if run.seed is None else [*command_line, "--seed", str(run.seed)]


def without_messages(node: Any) -> Any:
    """The document without the runtime's `x-messages`: Schemathesis takes a message under `pattern` for a pattern."""
    if isinstance(node, dict):
        return {key: without_messages(value) for key, value in node.items() if key != "x-messages"}
    return [without_messages(item) for item in node] if isinstance(node, list) else node


def configuration(bundle: Json, *, has_token: bool) -> str:
    """The configuration for projects without one: the same run every time, the token for each bearer scheme."""
    lines = ["seed = 1", "[generation]", "deterministic = true", 'database = "none"']
    schemes = bundle.get("components", {}).get("securitySchemes", {}) if has_token else {}
    for name, raw in schemes.items():
        scheme, _ = resolve(bundle, raw, "")
        if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer":
            lines += [f"[auth.openapi.{json.dumps(name)}]", f'bearer = "${{{TOKEN_VARIABLE}}}"']
    return "\n".join(lines) + "\n"


def schemathesis_run(command_line: list[str]) -> int:
    """Run Schemathesis's command line in this process and return the exit code."""
    try:
        return int(cli.schemathesis(command_line, standalone_mode=False) or PASSED)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED


def recorder(observations: RunObservations, record: FuzzRecord) -> type:
    """An event handler class of Schemathesis that fills the observations and the record."""

    class SchemathesisRecorder:
        def __init__(self, *_: object, **__: object) -> None: ...

        def start(self, context: object) -> None: ...

        def shutdown(self, context: object) -> None: ...

        def handle_event(self, _context: object, event: object) -> None:
            scenario = getattr(event, "recorder", None)
            for interaction in getattr(scenario, "interactions", {}).values():
                record.add(interaction)
            for id_, case in getattr(scenario, "cases", {}).items():
                observations.add(case, getattr(scenario, "interactions", {}).get(id_))

    return SchemathesisRecorder


def links(bundle: Json) -> Iterator[DocumentedLink]:
    """Every documented link, but those of an operation that is refused as a whole in this version, or of its results (`x-unavailable`)."""
    labels = {operation.id: f"{operation.method.upper()} {operation.path}" for operation in operations(bundle)}
    for operation in operations(bundle):
        if "x-unavailable" in operation.node:
            continue
        source = labels[operation.id]
        for status, response in operation.responses.items():
            for name, raw_link in response.node.get("links", {}).items():
                link, _ = resolve(bundle, raw_link, "")
                if "x-unavailable" in link:
                    continue
                target = labels.get(link.get("operationId", "")) or operation_label(link.get("operationRef", ""))
                yield DocumentedLink(source, status, f"{source} -> [{status}] {name} -> {target}")


def operation_label(reference: str) -> str:
    """`GET /b` for an `operationRef` into the same document."""
    _, _, path, method = f"{reference}////".split("/")[:4]
    return f"{method.upper()} {unescape(path)}"
