"""`diff.yaml` beside the revision: which findings are accepted, and for which reason. They stay in the report but fail nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from contract.diff.findings import Finding
from contract.diff.vocabulary import LEVELS
from contract.errors import ContractError
from contract.openapi.locations import Location, label
from contract.openapi.sources import Sources

FILE = "diff.yaml"
Reason = Annotated[str, Meta(min_length=10)]


class Acceptance(Struct, frozen=True, forbid_unknown_fields=True):
    """Findings of one rule that are accepted: of an operation (`GET /pets`), or at and below a JSON pointer of the revision."""

    rule: str
    at: str
    reason: Reason

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding."""
        if self.rule != finding.id:
            return False
        if self.at.startswith("/"):
            return finding.pointer == self.at or finding.pointer.startswith(f"{self.at}/")
        return finding.endpoint is not None and finding.endpoint.shown == self.at


class Acceptances(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    accept: tuple[Acceptance, ...] = ()


def read(document: Path) -> tuple[Acceptance, ...]:
    """What is accepted beside a document. Raises ContractError for what cannot be understood there."""
    path = document.resolve().parent / FILE
    if not path.is_file():
        return ()
    sources = Sources()
    written = sources.value(path) or {}
    try:
        found = msgspec.convert(written, Acceptances).accept
    except msgspec.ValidationError as error:
        raise ContractError(f"{label(path)}:1:1: {error}") from error
    for one, entry in zip(found, written.get("accept", ()), strict=True):
        if one.rule not in LEVELS:
            raise ContractError(f"{Location(*sources.mark(entry, 'rule', path))}: there is no rule {one.rule!r}")
    return found


def apply(findings: Sequence[Finding], accepted: Sequence[Acceptance]) -> list[Finding]:
    """The findings, those that are accepted with the reason."""
    return [replace(finding, reason=_reason(finding, accepted)) for finding in findings]


def _reason(finding: Finding, accepted: Sequence[Acceptance]) -> str:
    return next((one.reason for one in accepted if one.covers(finding)), "")


def unused(findings: Sequence[Finding], accepted: Sequence[Acceptance]) -> list[Acceptance]:
    """What is accepted and no longer found, so that it can be deleted."""
    return [one for one in accepted if not any(one.covers(finding) for finding in findings)]
