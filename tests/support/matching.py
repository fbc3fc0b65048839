"""Narrowing for the type checker: a match, a JSON body and a logged exception that a test relies on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse


def matched(pattern: str, text: str) -> re.Match[str]:
    """The first match of a pattern in a text; the test fails if there is none."""
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not in {text[:500]}"
    return match


def parsed(response: TestResponse) -> Any:
    """The JSON body of a response; the test fails if it is not JSON."""
    assert response.is_json, response.get_data(as_text=True)[:500]
    return response.json


def logged_type(caplog: pytest.LogCaptureFixture) -> type[BaseException] | None:
    """The type of the exception in the first log record."""
    exc_info = caplog.records[0].exc_info
    assert exc_info is not None
    return exc_info[0]
