#!/usr/bin/env python3
"""Find words and phrases that this project does not use, and say the better one: `file:line: word -> better word`.

`words.toml` beside this file has the list. Prose is comments, docstrings, sentences in strings, and the text of Markdown, YAML and HTML,
without the code that Markdown quotes. Names are those that Python code binds, schema names of the contract, and names of modules.

    scripts/prose/check.py [--count] [FILE...]
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("words.toml")
HIDDEN = "\0"  # in place of every character that is not prose, so that no phrase reaches across it
FENCE = re.compile(r"^([ \t]*)(```+|~~~+).*?^\1\2[ \t]*$|`[^`\n]+`|\]\([^)\s]*\)|<!--.*?-->", re.DOTALL | re.MULTILINE)
YAML_VALUES = re.compile(r"\$ref:\s*\S+|\bpattern:\s*(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\S+)|https?://\S+")
MARKUP = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>|\{[{%#].*?[}%#]\}", re.DOTALL)
CODE_TEXT = re.compile(r"/\*.*?\*/|//[^\n]*|#[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`]*`", re.DOTALL)
FILLED = re.compile(r"\{[^{}]*\}")
SCHEMA = re.compile(r"^([A-Z]\w+):", re.MULTILINE)
GAPS = re.compile(r"\s*\x00[\s\x00]*|\s+|[^\s\x00]+")
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


class Exception_(NamedTuple):  # noqa: N801 - the word of words.toml
    """Where a word is used all the same."""

    file: str
    reason: str


class Entry(NamedTuple):
    """A word that is not used. `prose`, `part` and `name` are patterns: of a phrase, of a part of a name, of a whole name."""

    better: str
    prose: str | None
    part: re.Pattern[str] | None
    name: re.Pattern[str] | None
    files: tuple[str, ...]
    exceptions: tuple[Exception_, ...]

    def covers(self, file: str) -> bool:
        """Whether the word is looked for in a file."""
        return any(fnmatch(file, glob) for glob in self.files) and not any(fnmatch(file, each.file) for each in self.exceptions)


class Hit(NamedTuple):
    """A word that was found."""

    file: str
    line: int
    word: str
    better: str


def main(arguments: list[str]) -> int:
    """1 when a word was found. With --count, the number of each file's words instead of the words."""
    config = tomllib.loads(LIST.read_text())
    entries = read(config)
    is_counting = "--count" in arguments
    chosen = [argument for argument in arguments if argument != "--count"] or tracked(config["files"])
    files = [file for file in chosen if not any(fnmatch(file, glob) for glob in config["exclude"])]
    hits = [hit for file in files for hit in check(file, (ROOT / file).read_text(), entries)]
    if is_counting:
        for file, count in Counter(hit.file for hit in hits).most_common():
            print(f"{count:6} {file}")
    else:
        for hit in hits:
            print(f"{hit.file}:{hit.line}: {hit.word} -> {hit.better}")
    return 1 if hits else 0


def read(config: dict[str, Any]) -> list[Entry]:
    """The entries of words.toml."""
    return [
        Entry(
            entry["better"],
            entry.get("prose"),
            re.compile(entry["part"], re.IGNORECASE) if "part" in entry else None,
            re.compile(entry["name"]) if "name" in entry else None,
            tuple(entry.get("files", ["*"])),
            tuple(Exception_(**each) for each in entry.get("except", [])),
        )
        for entry in config["word"]
    ]


@cache
def any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern of several phrases, each in a group named by its number: one search is faster than many."""
    groups = "|".join(f"(?P<_{number}>{phrase})" for number, phrase in enumerate(phrases))
    return re.compile(rf"(?<![\w-])(?:{groups})(?![\w-])", re.IGNORECASE)


def tracked(globs: list[str]) -> list[str]:
    """The files of the repository that match a pattern."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return sorted(
        file for file in set(listed.stdout.splitlines()) if any(fnmatch(file, glob) for glob in globs) and (ROOT / file).is_file()
    )


def check(file: str, text: str, entries: list[Entry]) -> Iterator[Hit]:
    """The words of a file that are not used, by line."""
    covering = [entry for entry in entries if entry.covers(file)]
    phrased = [entry for entry in covering if entry.prose]
    shown, starts = flowing(prose(file, text))
    hits = [
        Hit(file, bisect_right(starts, match.start()), match[0], phrased[int((match.lastgroup or "_0")[1:])].better)
        for match in any_of(tuple(entry.prose or "" for entry in phrased)).finditer(shown)
    ]
    for line, name in names(file, text):
        hits += [Hit(file, line, name, entry.better) for entry in covering if is_named(entry, name)][:1]
    yield from sorted(dict.fromkeys(hits), key=lambda hit: hit.line)


def flowing(text: str) -> tuple[str, list[int]]:
    """The text with one blank for all white space, so that a phrase may go over the end of a line, and where each line begins.

    A paragraph ends with a hidden character.
    """
    pieces, starts, length = [], [0], 0
    for piece in GAPS.findall(text):
        breaks = piece.count("\n")
        shown = HIDDEN if HIDDEN in piece or (breaks > 1 and piece.isspace()) else " " if piece.isspace() else piece
        pieces.append(shown)
        length += len(shown)
        starts += [length] * breaks
    return "".join(pieces), starts


def is_named(entry: Entry, name: str) -> bool:
    """Whether a name is, or has a part, that is not used."""
    if entry.name and entry.name.fullmatch(name):
        return True
    part = entry.part
    return part is not None and any(part.fullmatch(word) for word in PARTS.findall(name))


def prose(file: str, text: str) -> str:
    """The text with everything hidden that is not prose; lines and their lengths stay."""
    kind = kind_of(file, text)
    if kind == "python":
        return python_prose(text)
    if kind == "markdown":
        return hide(FENCE, text)
    if kind == "yaml":
        return hide(YAML_VALUES, text)
    if kind == "html":
        return hide(MARKUP, text)
    return show(CODE_TEXT, text, is_sentence)


def kind_of(file: str, text: str) -> str:
    """The language of a file."""
    suffix = Path(file).suffix
    if suffix == ".py" or (not suffix and text.startswith("#!") and "python" in text.partition("\n")[0]):
        return "python"
    return {".md": "markdown", ".yaml": "yaml", ".toml": "yaml", ".html": "html", ".txt": "html"}.get(suffix, "code")


def is_sentence(text: str) -> bool:
    """Whether a comment or string holds more than a word."""
    return text.startswith(("#", "/")) or " " in text.strip()


def hide(pattern: re.Pattern[str], text: str) -> str:
    """Hide what a pattern matches."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", HIDDEN, match[0]), text)


def show(pattern: re.Pattern[str], text: str, is_shown: Callable[[str], bool]) -> str:
    """Hide all but what a pattern matches and a condition accepts."""
    pieces, end = [], 0
    for match in pattern.finditer(text):
        pieces += [_hidden(text[end : match.start()]), match[0] if is_shown(match[0]) else _hidden(match[0])]
        end = match.end()
    return "".join([*pieces, _hidden(text[end:])])


def _hidden(text: str) -> str:
    return re.sub(r"\S", HIDDEN, text)


def python_prose(text: str) -> str:
    """Comments, docstrings and the strings that hold more than a word, without what f-strings fill in."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    pieces, end = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if tokenize.tok_name[token.type] in {"COMMENT", "STRING", "FSTRING_MIDDLE"} and is_sentence(token.string):
            begin = starts[token.start[0] - 1] + token.start[1]
            words = " " + token.string[1:] if token.string.startswith("#") else hide(FILLED, token.string)
            pieces += [_hidden(text[end:begin]), words]
            end = begin + len(token.string)
    return "".join([*pieces, _hidden(text[end:])])


def names(file: str, text: str) -> Iterator[tuple[int, str]]:
    """The names that a file binds, and its own, each with its line."""
    kind = kind_of(file, text)
    if kind == "python":
        yield 1, Path(file).stem
        for node in ast.walk(ast.parse(text)):
            yield from ((node_line(node), name) for name in bound(node))
    elif file.startswith("openapi/") and kind == "yaml":
        yield from ((text.count("\n", 0, match.start()) + 1, match[1]) for match in SCHEMA.finditer(text))


def node_line(node: ast.AST) -> int:
    """The line of a node; 1 for one without a place."""
    line: int = getattr(node, "lineno", 1)
    return line


def bound(node: ast.AST) -> list[str]:
    """The names that a node binds."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
            return [name]
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case ast.ExceptHandler(name=str() as name) | ast.alias(asname=str() as name):
            return [name]
        case _:
            return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
