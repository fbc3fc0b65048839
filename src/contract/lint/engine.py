"""One run: read the document, check its validity, then apply every rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from contract import project
from contract.lint import settings
from contract.lint.changes import Change, Remove
from contract.lint.lint_context import LintContext, Schema
from contract.lint.registry import RULES, Rule, RuleViolation
from contract.lint.rules import examples, naming, prose, requests, responses, schemas, security, source_text, structure
from contract.lint.settings import LintSettings, LintSuppression
from contract.openapi import document, validity
from contract.openapi.document import Document
from contract.openapi.locations import Location, label
from contract.openapi.operations import Operation

VALID = "valid-openapi"
UNUSED = "suppressions-are-used"
EXPLANATIONS = {
    VALID: "The document conforms to the OpenAPI specification.\n\nThe meta-schema of the document's version checks it. "
    "The other rules are only applied to a valid document.",
    UNUSED: "Every suppression in lint.yaml still hides a finding.",
}
# Importing a file registers its rules.
RULE_FILES = (naming, prose, examples, responses, requests, schemas, security, structure, source_text)


@dataclass(frozen=True, slots=True, order=True)
class LintFinding:
    """A violated rule at a location. `pointer` is its position in the bundle, empty outside it."""

    location: Location
    rule: str
    text: str
    pointer: str
    changes: tuple[Change, ...] = field(default=(), compare=False)


def explanations() -> dict[str, str]:
    """Every rule's name and docstring, by name."""
    return dict(sorted({**EXPLANATIONS, **{name: rule.explanation for name, rule in RULES.items()}}.items()))


def lint(path: Path) -> list[LintFinding]:
    """All findings of a document by location. Raises ContractError if a file or lint.yaml cannot be read."""
    return check(document.read(path))


def check(source: Document) -> list[LintFinding]:
    """All findings of a document that is read already. The document is upgraded."""
    lint_settings = settings.read(source.root, set(explanations()))
    invalid = [_finding(source, VALID, sentence, RuleViolation(pointer)) for pointer, sentence in validity.violations(source.bundle)]
    if invalid:
        return sorted(set(invalid))
    context = LintContext(document.upgraded(source), lint_settings, project.find(source.root.parent))
    findings = [
        _finding(source, rule.name, _text(rule, rule_violation), rule_violation)
        for rule in _enabled_rules(lint_settings)
        for rule_violation in _violations(rule, context)
    ]
    return sorted({*_unsuppressed(findings, lint_settings, source)})


def _enabled_rules(rule_settings: LintSettings) -> list[Rule]:
    return [rule for name, rule in RULES.items() if name not in rule_settings.off]


def _violations(rule: Rule, context: LintContext) -> Iterator[RuleViolation]:
    subjects: dict[type, list[object]] = {Operation: [*context.operations], Schema: [*context.schemas], LintContext: [context]}
    for subject in subjects[rule.subject]:
        yield from rule.check(subject, context) if rule.wants_context else rule.check(subject)


def _text(rule: Rule, violation: RuleViolation) -> str:
    return f"{rule.sentence} ({violation.detail})" if violation.detail else rule.sentence


def _finding(source: Document, rule: str, text: str, violation: RuleViolation) -> LintFinding:
    target = violation.target
    if isinstance(target, Location):
        return LintFinding(target, rule, text, "", violation.changes)
    return LintFinding(source.location(target), rule, text, target, violation.changes)


def _unsuppressed(findings: list[LintFinding], rule_settings: LintSettings, source: Document) -> Iterator[LintFinding]:
    """The findings that no suppression covers, and a finding for each unused suppression."""
    used: set[int] = set()
    for finding in findings:
        covering = [index for index, suppression in enumerate(rule_settings.suppress) if _covers(suppression, finding, source)]
        used.update(covering)
        if not covering:
            yield finding
    if UNUSED not in rule_settings.off and len(used) < len(rule_settings.suppress):
        yield from _unused(rule_settings, used, source)


def _unused(rule_settings: LintSettings, used: set[int], source: Document) -> Iterator[LintFinding]:
    for index, (suppression, location) in enumerate(zip(rule_settings.suppress, settings.suppression_locations(source.root), strict=True)):
        if index not in used:
            yield LintFinding(
                location, UNUSED, f"{EXPLANATIONS[UNUSED].rstrip('.')} ({suppression.rule} at {suppression.at})", "", (Remove(""),)
            )


def _covers(suppression: LintSuppression, finding: LintFinding, source: Document) -> bool:
    if suppression.rule != finding.rule:
        return False
    if suppression.at.startswith("/"):
        return finding.pointer == suppression.at or finding.pointer.startswith(f"{suppression.at}/")
    return finding.location.file == label(source.root.parent / suppression.at)
