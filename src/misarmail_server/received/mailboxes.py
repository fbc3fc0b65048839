"""The mailboxes of an address field (RFC 5322, section 3.4), read in one pass: the syntax first, then the encoded words in names.

Only an address that stands alone or in angle brackets is a mailbox: a display name, a comment or a quoted text never becomes a sender.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from misarmail_server.received.decoding import words

MAX_ADDRESS_LENGTH = 320
MAX_NAME_LENGTH = 255
MAX_ADDRESSES = 100

# Programs write commas into encoded words, against RFC 2047, section 5: a word is always one token.
REST = r"(?P<end>[,;])|(?P<group>:)|(?P<blank>\s++)|(?P<atom>=\?[^?\s]{1,60}\?[bq]\?[^?\s]*+\?=|[^\s,;:()\"<>]++|.)"
TOKEN = re.compile(
    rf"(?P<quoted>\"(?:[^\"\\]|\\.)*+\")|(?P<angle><(?:[^<>\"]|\"(?:[^\"\\]|\\.)*+\")*+>)|{REST}",
    re.DOTALL | re.IGNORECASE,
)
# Behind a mark that is not closed, where none is: searching each for its end would take quadratic time.
UNQUOTED_TOKEN = re.compile(rf"(?P<angle><[^<>\"]*+>)|{REST}", re.DOTALL | re.IGNORECASE)
PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
AROUND_MARKS = re.compile(r"\s*([@.])\s*")  # blanks that old programs write into addresses (RFC 5322, section 4.4)
ROUTE = re.compile(r"@[^:]*+:")
ADDRESS = re.compile(r"(?:\"(?:[^\"\\\x00-\x1f]|\\.)++\"|[^\s\"(),:;<>@\[\]\\]++)@(?:[^\s\"'(),:;<>@\[\]\\]++|\[[^\s\[\]\\]++\])")


class ReceivedMailbox(NamedTuple):
    """`Ada <ada@example.com>`; the name is empty if there is none."""

    email: str
    name: str


class _Piece(NamedTuple):
    kind: str  # quoted, angle, end, group, blank, atom or comment
    text: str


def mailboxes(value: str) -> tuple[ReceivedMailbox, ...]:
    """The mailboxes of a field whose encoded words are not decoded yet, in order."""
    listed: list[ReceivedMailbox] = []
    entry: list[_Piece] = []
    for piece in (*_pieces(value), _Piece("end", "")):
        if piece.kind == "end":
            listed += _entry(entry)
            entry = []
        elif piece.kind == "group":  # the name of a group is not a mailbox
            entry = []
        else:
            entry.append(piece)
        if len(listed) >= MAX_ADDRESSES:
            break
    return tuple(listed[:MAX_ADDRESSES])


def _pieces(value: str) -> Iterator[_Piece]:
    position, has_comments, token = 0, True, TOKEN
    while match := token.match(value, position):
        end = _comment_end(value, position) if match[0] == "(" and has_comments else 0
        if end:
            yield _Piece("comment", value[position + 1 : end - 1])
            position = end
            continue
        has_comments = has_comments and match[0] != "("  # none that begins later is closed either
        token = UNQUOTED_TOKEN if match[0] == '"' else token
        yield _Piece(match.lastgroup or "atom", match[0])
        position = match.end()


def _comment_end(value: str, start: int) -> int:
    """The position after a comment, which may contain others; 0 if it is not closed."""
    depth = 0
    for mark in PARENTHESIS.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if not depth:
            return mark.end()
    return 0


def _entry(pieces: list[_Piece]) -> Iterator[ReceivedMailbox]:
    """The mailbox between two commas; several if they are written without commas."""
    angles = [piece.text[1:-1] for piece in pieces if piece.kind == "angle"]
    comment = " ".join(piece.text for piece in pieces if piece.kind == "comment")
    if angles:
        name = _name(piece for piece in pieces if piece.kind not in {"angle", "comment"}) or _decoded(comment)
        yield from (ReceivedMailbox(email, name) for angle in angles if (email := _address(angle)))
        return
    text = "".join(" " if piece.kind in {"blank", "comment"} else piece.text for piece in pieces)
    alone = _address(text)
    for email in [alone] if alone else map(_address, text.split()):
        if email:
            yield ReceivedMailbox(email, _decoded(comment))


def _name(pieces: Iterable[_Piece]) -> str:
    return _decoded("".join(piece.text[1:-1] if piece.kind == "quoted" else piece.text for piece in pieces))


def _decoded(name: str) -> str:
    return " ".join(words(ESCAPED.sub(r"\1", name)).split())[:MAX_NAME_LENGTH]


def _address(text: str) -> str:
    """The address, empty if the text is anything else."""
    bare = text.strip().strip("'").removeprefix("mailto:")
    if '"' not in bare:
        bare = AROUND_MARKS.sub(r"\1", bare)
    bare = ROUTE.sub("", bare, count=1) if bare.startswith("@") else bare
    bare = bare.rstrip(".")
    return bare if len(bare) <= MAX_ADDRESS_LENGTH and ADDRESS.fullmatch(bare) else ""
