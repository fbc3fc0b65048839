"""One run: the document is read, its validity is checked, then every rule is asked about everything it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from contract import project
from contract.lint import settings
from contract.lint.changes import Change, Remove
from contract.lint.lint_context import Contract, Schema
from contract.lint.registry import RULES, Rule, Spot
from contract.lint.rules import examples, naming, prose, requests, responses, security, source_text, structure
from contract.lint.settings import Settings, Suppression
from contract.openapi import document, validity
from contract.openapi.document import Document
from contract.openapi.locations import Location, label
from contract.openapi.operations import Operation

VALID = "valid-openapi"
UNUSED = "suppressions-are-used"
EXPLANATIONS = {
    VALID: "The document is what the OpenAPI specification allows.\n\nChecked by the meta-schema of the version it names. "
    "While it does not hold, the house rules are not asked: they read a valid document.",
    UNUSED: "Every suppression in lint.yaml still hides a finding.",
}
RULE_FILES = (naming, prose, examples, responses, requests, security, structure, source_text)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A broken rule at a place; `pointer` is where in the bundle, empty for what is not in it."""

    location: Location
    rule: str
    text: str
    pointer: str
    changes: tuple[Change, ...] = field(default=(), compare=False)


def explanations() -> dict[str, str]:
    """Every rule's name and docstring, by name."""
    return dict(sorted({**EXPLANATIONS, **{name: rule.explanation for name, rule in RULES.items()}}.items()))


def lint(path: Path) -> list[Finding]:
    """All findings of a document by place. Raises ContractError for files that cannot be read and for a lint.yaml that is wrong."""
    return judge(document.read(path))


def judge(read: Document) -> list[Finding]:
    """The same of a document that is read already; it is upgraded on the way."""
    chosen = settings.read(read.root, set(explanations()))
    invalid = [_finding(read, VALID, sentence, Spot(pointer)) for pointer, sentence in validity.violations(read.bundle)]
    if invalid:
        return sorted(set(invalid))
    contract = Contract(document.upgraded(read), chosen, project.find(read.root.parent))
    found = [_finding(read, rule.name, _text(rule, spot), spot) for rule in _chosen(chosen) for spot in _spots(rule, contract)]
    return sorted({*_unsuppressed(found, chosen, read)})


def _chosen(chosen: Settings) -> list[Rule]:
    return [rule for name, rule in RULES.items() if name not in chosen.off]


def _spots(rule: Rule, contract: Contract) -> Iterator[Spot]:
    subjects: dict[type, list[object]] = {Operation: [*contract.operations], Schema: [*contract.schemas], Contract: [contract]}
    for subject in subjects[rule.subject]:
        yield from rule.check(subject, contract) if rule.wants_contract else rule.check(subject)


def _text(rule: Rule, spot: Spot) -> str:
    return f"{rule.sentence} ({spot.detail})" if spot.detail else rule.sentence


def _finding(read: Document, rule: str, text: str, spot: Spot) -> Finding:
    where = spot.where
    if isinstance(where, Location):
        return Finding(where, rule, text, "", spot.changes)
    return Finding(read.location(where), rule, text, where, spot.changes)


def _unsuppressed(found: list[Finding], chosen: Settings, read: Document) -> Iterator[Finding]:
    """What no suppression covers, and a finding for each suppression that covers nothing."""
    used: set[int] = set()
    for finding in found:
        covering = [index for index, one in enumerate(chosen.suppress) if _covers(one, finding, read)]
        used.update(covering)
        if not covering:
            yield finding
    if UNUSED not in chosen.off and len(used) < len(chosen.suppress):
        yield from _unused(chosen, used, read)


def _unused(chosen: Settings, used: set[int], read: Document) -> Iterator[Finding]:
    for index, (one, place) in enumerate(zip(chosen.suppress, settings.suppression_places(read.root), strict=True)):
        if index not in used:
            yield Finding(place, UNUSED, f"{EXPLANATIONS[UNUSED].rstrip('.')} ({one.rule} at {one.at})", "", (Remove(""),))


def _covers(one: Suppression, finding: Finding, read: Document) -> bool:
    if one.rule != finding.rule:
        return False
    if one.at.startswith("/"):
        return finding.pointer == one.at or finding.pointer.startswith(f"{one.at}/")
    return finding.location.file == label(read.root.parent / one.at)
