"""`diff.yaml` beside the revision: accepted findings with their reasons. They stay in the report and do not fail the command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from contract.diff.findings import DiffFinding
from contract.diff.rule_levels import LEVELS
from contract.errors import ContractError
from contract.openapi.locations import Location, label
from contract.openapi.sources import Sources

FILE = "diff.yaml"
Reason = Annotated[str, Meta(min_length=10)]


class Acceptance(Struct, frozen=True, forbid_unknown_fields=True):
    """Accepted findings of one rule: of an operation (`GET /pets`), or at and below a JSON pointer of the revision."""

    rule: str
    at: str
    reason: Reason

    def covers(self, finding: DiffFinding) -> bool:
        """Whether it applies to this finding."""
        if self.rule != finding.id:
            return False
        if self.at.startswith("/"):
            return finding.pointer == self.at or finding.pointer.startswith(f"{self.at}/")
        return finding.endpoint is not None and finding.endpoint.label == self.at


class Acceptances(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    accept: tuple[Acceptance, ...] = ()


def read(document: Path) -> tuple[Acceptance, ...]:
    """The acceptances beside a document. Raises ContractError if the file is invalid."""
    path = document.resolve().parent / FILE
    if not path.is_file():
        return ()
    sources = Sources()
    content = sources.value(path) or {}
    try:
        acceptances = msgspec.convert(content, Acceptances).accept
    except msgspec.ValidationError as error:
        raise ContractError(f"{label(path)}:1:1: {error}") from error
    for acceptance, entry in zip(acceptances, content.get("accept", ()), strict=True):
        if acceptance.rule not in LEVELS:
            raise ContractError(f"{Location(*sources.mark(entry, 'rule', path))}: there is no rule {acceptance.rule!r}")
    return acceptances


def apply(findings: Sequence[DiffFinding], accepted: Sequence[Acceptance]) -> list[DiffFinding]:
    """The findings; the accepted ones with their reason."""
    return [replace(finding, reason=_reason(finding, accepted)) for finding in findings]


def _reason(finding: DiffFinding, accepted: Sequence[Acceptance]) -> str:
    return next((acceptance.reason for acceptance in accepted if acceptance.covers(finding)), "")


def unused(findings: Sequence[DiffFinding], accepted: Sequence[Acceptance]) -> list[Acceptance]:
    """The acceptances that cover no finding any more and can be deleted."""
    return [acceptance for acceptance in accepted if not any(acceptance.covers(finding) for finding in findings)]
