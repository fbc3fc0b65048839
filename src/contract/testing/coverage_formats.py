"""Measured coverage as text for people, JSON for programs and one HTML page."""

from __future__ import annotations

import json
from collections.abc import Callable

from contract.openapi.references import Json
from contract.testing.coverage import Coverage
from contract.testing.coverage_html import label, page
from contract.testing.coverage_parts import Part
from contract.traffic.observing import Observation

JSON_KEYS: dict[Part, str] = {"responses": "answers"}  # where a key of this format differs from the part's name


def text(_: Json, measured: Coverage) -> str:
    """A line for each item never seen, then a line for each part."""
    lines = [f"never {_verb(part)}: {label(observation)}" for part, share in measured.shares.items() for observation in share.missing]
    lines += [f"seen and not documented: {label(observation)}" for observation in measured.strange]
    for part, share in measured.shares.items():
        if share.documented:
            lines.append(f"{len(share.documented) - len(share.missing)} of {len(share.documented)} {part} seen ({share.percent:.1f} %)")
    return "\n".join(lines)


def _verb(part: Part) -> str:
    return {"examples": "sent", "links": "followed"}.get(part, "seen")


def as_json(_: Json, measured: Coverage) -> str:
    """An object with `parts` and with `strange`, what was seen and is not documented."""
    parts = {
        JSON_KEYS.get(part, part): {
            "documented": len(share.documented),
            "percent": round(share.percent, 2),
            "missing": [_object(observation) for observation in share.missing],
        }
        for part, share in measured.shares.items()
    }
    return json.dumps({"parts": parts, "strange": [_object(observation) for observation in measured.strange]}, indent=2)


def _object(item: Observation) -> dict[str, str]:
    return {name: value for name, value in item._asdict().items() if value}


FORMATS: dict[str, Callable[[Json, Coverage], str]] = {"text": text, "json": as_json, "html": page}
