"""x"""

from __future__ import annotations
from pathlib import Path
from contract.operations import Json


def write(bundle: Json, output: Path, name: str | None = None) -> list[str]:
    """x"""
    return []
