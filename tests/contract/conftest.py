"""Golden cases: `pytest tests/contract --update` rewrites the expected files; review the diff like code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", default=False, help="rewrite the expected files of golden cases")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a file, or write the file."""
    update = request.config.getoption("--update", default=False)

    def check(file: Path, findings: str) -> None:
        if update:
            file.write_text(findings)
        assert findings == file.read_text()

    return check
