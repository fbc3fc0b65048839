"""Output for people: tables and colour on a terminal, plain lines wherever programs read. Rich is imported on a terminal only."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

NO_STYLES = "(?!)"  # a pattern that matches nothing


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], lines: Iterable[str]) -> None:
    """Print the rows as a table on a terminal, and as these lines elsewhere."""
    if not sys.stdout.isatty():
        print_lines(lines)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def print_lines(lines: Iterable[str]) -> None:
    """Print text as it is."""
    for line in lines:
        print(line)  # noqa: T201 - a command line prints


def print_json(value: Any) -> None:
    """Print indented JSON."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))  # noqa: T201 - a command line prints


def print_highlighted(text: str, pattern: str) -> None:
    """Print text as it is, and in colour on a terminal unless NO_COLOR is set: the pattern's named groups are Rich styles."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from rich.console import Console
    from rich.text import Text

    coloured = Text(text, end="")
    coloured.highlight_regex(re.compile(pattern, re.MULTILINE), style_prefix="")
    Console().print(coloured, soft_wrap=True, end="")
