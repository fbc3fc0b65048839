"""The phases of a Schemathesis run."""

from __future__ import annotations

PHASES = ("examples", "coverage", "fuzzing", "stateful")
