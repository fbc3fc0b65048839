from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts.prose import check

ROOT = Path(__file__).parents[2]
ENTRIES = check.read(tomllib.loads(check.LIST.read_text()))


def words(file: str, text: str) -> list[tuple[int, str]]:
    return [(hit.line, hit.word) for hit in check.check(file, text, ENTRIES)]


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("src/a.py", '"""Everything that happened: happenings of mail."""\n', [(1, "happenings")]),
        ("src/a.py", "# What is something else is ignored.\n", [(1, "What is something else")]),
        ("src/a.py", "x = 1  # a token that is none\n", [(1, "that is none")]),
        ("src/a.py", 'raise Invalid("plan is no field of a contact")\n', [(1, "is no field")]),
        ("src/a.py", 'f"{name} is none of the account\'s"\n', [(1, "is none of")]),
        ("src/a.py", '"""A row.\n\n    Who takes over from a dead worker reads it.\n    """\n', [(3, "Who takes over from")]),
        ("src/a.py", '"""How the store\n    is away."""\n', [(1, "store is away")]),
        ("src/crews.py", "", [(1, "crews")]),
        ("src/a.py", "class MailHappening:\n    pass\n", [(1, "MailHappening")]),
        ("src/a.py", "for one in rows:\n    found = one\n", [(1, "one"), (2, "found")]),
        ("src/a.py", "def f(way: str) -> None: ...\n", [(1, "way")]),
        ("src/a.py", "LONGEST = 3\n", [(1, "LONGEST")]),
        ("src/a.py", "class Told:\n    pass\n", [(1, "Told")]),
        ("openapi/schemas/a.yaml", "MailHappening:\n  description: Which mail.\n", [(1, "MailHappening")]),
        ("openapi/schemas/a.yaml", "A:\n  description: Who became anything else.\n", [(2, "Who became anything else")]),
        ("openapi/paths/a.yaml", "summary: Count a segment anew\n", [(1, "anew")]),
        ("README.md", "The mail of each recipient's\nown; nobody of ours\nstands in it.\n", [(2, "of ours"), (3, "stands in")]),
        ("docs/a.md", "# A\n\nThe link leads\nnowhere.\n", [(3, "leads nowhere")]),
        ("scripts/run", "#!/bin/sh\n# Mends the things.\necho done\n", [(2, "Mends"), (2, "things")]),
        ("Makefile", "# Documents of strangers.\nall:\n", [(1, "strangers")]),
        ("src/a.html", "<p class='x'>Somebody, we hope you</p>\n", [(1, "Somebody")]),
        ("src/a.ts", "// It hears of an event.\nconst x = 1;\n", [(1, "hears of")]),
    ],
)
def test_word_is_found(file: str, text: str, expected: list[tuple[int, str]]) -> None:
    assert words(file, text) == expected


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("src/a.py", '"""Line endings, and mail that is leaving."""\n'),
        ("src/a.py", '"""What does it mean? Who knows?"""\n'),
        ("src/a.py", '"""There is no such field, and there is no more room."""\n'),
        ("src/a.py", '"""The worker that takes over reads it."""\n'),
        ("src/a.py", 'KEY = "happenings"\nrow = table["what"]\n'),
        ("src/a.py", "from a import found\n\nprint(found.one, told)\n"),
        ("src/a.py", "posterior = prior * likelihood\n"),
        ("src/a.py", 'f"{somebody} is here"\n'),
        ("docs/a.md", "Run `make way out` now:\n\n```sh\n# Who left? somebody\n```\n"),
        ("docs/a.md", "[a link](somebody.md)\n"),
        ("openapi/schemas/a.yaml", 'A:\n  $ref: "things.yaml#/A"\n  pattern: "^somebody else$"\n'),
        ("src/a.html", "<p class='things'>Unsubscribe</p>\n"),
        ("src/a.ts", 'const things = ["anew"];\n'),
    ],
)
def test_other_text_passes(file: str, text: str) -> None:
    assert words(file, text) == []


def test_exceptions_and_files_limit_a_word() -> None:
    (entry,) = check.read({"word": [{"prose": "bot", "better": "x", "files": ["src/*"], "except": [{"file": "src/a.py", "reason": "y"}]}]})

    assert [entry.covers(file) for file in ("src/b.py", "src/a.py", "docs/b.md")] == [True, False, False]


def test_command_prints_file_line_and_the_better_word(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n\nIt hears of somebody.\n")

    result = subprocess.run([sys.executable, check.__file__, str(page)], capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        f"{page}:3: hears of -> reports; receives; lists",
        f"{page}:3: somebody -> a user, an account, all, any",
    ]
