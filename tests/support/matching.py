"""A match that a test relies on."""

from __future__ import annotations

import re


def matched(pattern: str, text: str) -> re.Match[str]:
    """The first match of a pattern in a text; the test fails if there is none."""
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not in {text[:500]}"
    return match
