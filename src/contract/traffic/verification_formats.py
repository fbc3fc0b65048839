"""A verification report as text for people and JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from contract.openapi.document import Document
from contract.openapi.references import Json
from contract.traffic.overlay import overlay
from contract.traffic.verification import TrafficViolation, Undocumented, VerificationReport

MAX_VALUES = 3  # shown of something undocumented
MAX_VALUE_LENGTH = 60


def text(document: Document, report: VerificationReport, *, shows_unused: bool) -> str:
    """A line for each violation and each undocumented part, the unused parts on request, the counts last."""
    lines = [
        f"{violation.location}: {violation.operation} {violation.status}: {violation.side}: {violation.sentence}"
        + (f" ({violation.count} times)" if violation.count > 1 else "")
        for violation in report.violations
    ]
    lines += [
        f"{_location(document, undocumented)}: {_shown(undocumented)} is not documented{_values(values)}"
        for undocumented, values in report.unknown.items()
    ]
    if shows_unused:
        lines += [f"{document.location(pointer)}: {_name(pointer)} was never used" for pointer in report.unused]
    counts = f"{len(report.violations)} violations, {len(report.unknown)} undocumented, {len(report.unused)} never used"
    return "\n".join([*lines, f"{report.exchanges} exchanges: {counts}"])


def as_json(document: Document, report: VerificationReport) -> str:
    """One object with the violations, what is undocumented, what is unused, and an Overlay that documents it."""
    output: Json = {
        "exchanges": report.exchanges,
        "violations": [_violation(violation) for violation in report.violations],
        "undocumented": [
            {**item._asdict(), "place": _location(document, item), "seen": len(values)} for item, values in report.unknown.items()
        ],
        "unused": [{"pointer": pointer, "place": str(document.location(pointer))} for pointer in report.unused],
        "overlay": overlay(document.bundle, report),
    }
    return json.dumps(output, indent=2, ensure_ascii=False)


def _violation(violation: TrafficViolation) -> Json:
    """A violation with the keys of this format, in which a response is called an answer."""
    side = "answer" if violation.side == "response" else violation.side
    shown = {"operation": violation.operation, "status": violation.status, "side": side, "sentence": violation.sentence}
    return {**shown, "place": violation.location, "count": violation.count}


def _location(document: Document, item: Undocumented) -> str:
    return str(document.location(item.pointer))


def _shown(item: Undocumented) -> str:
    if item.kind == "operation":
        return f"the operation {item.operation}"
    return f"the {item.kind} {item.name}" + (f" of {item.operation}" if item.operation else "")


def _values(values: list[Any]) -> str:
    shown = list(dict.fromkeys(json.dumps(value, ensure_ascii=False)[:MAX_VALUE_LENGTH] for value in values))[:MAX_VALUES]
    return f", such as {', '.join(shown)}" if shown else ""


def _name(pointer: str) -> str:
    """A pointer without what people need not read."""
    return pointer.removeprefix("/components/").replace("~1", "/")
