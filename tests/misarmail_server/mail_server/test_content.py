"""The content of a mail in chunks of any size."""

from __future__ import annotations

import pytest

from misarmail_server.mail_server.content import LARGE_HEADER, MAX_LINE_LENGTH, SMUGGLED, TOO_LONG, MailContent

WIRE = b"Subject: x\r\n\r\n..dot\r\n...\r\n\r\n.x\r\n..\r\n.\r\nQUIT\r\n"
MAIL = b"Subject: x\r\n\r\n.dot\r\n..\r\n\r\nx\r\n.\r\n"


def taken(*chunks: bytes) -> tuple[bytes, str, bytes]:
    """(the mail, the refusal, what follows it)."""
    content = MailContent(lambda _count: "")
    for number, chunk in enumerate(chunks):
        rest = content.take(chunk)
        if rest is not None:
            return (*content.result(), rest + b"".join(chunks[number + 1 :]))
    raise AssertionError


@pytest.mark.parametrize("size", range(1, len(WIRE) + 1))
def test_chunks_of_any_size_are_the_same_mail(size: int) -> None:
    chunks = [WIRE[at : at + size] for at in range(0, len(WIRE), size)]

    assert taken(*chunks) == (MAIL, "", b"QUIT\r\n")


@pytest.mark.parametrize("size", [1, 2, 3])
def test_an_empty_mail_ends_at_once(size: int) -> None:
    assert taken(b".\r\n"[:size], b".\r\n"[size:] + b"RSET\r\n") == (b"", "", b"RSET\r\n")


@pytest.mark.parametrize(
    ("mail", "refusal"),
    [
        (b"x\n.\r\n", SMUGGLED),
        (b"x\r.\r\n", SMUGGLED),
        (b"x\r\r\n", SMUGGLED),
        (b"\r\n" + b"x" * MAX_LINE_LENGTH + b"\r\n", TOO_LONG),
        (b"\r\n" + b"x" * (MAX_LINE_LENGTH - 2) + b"\r\n" + b"y" * (MAX_LINE_LENGTH - 2) + b"\r\n", ""),
        (b"a: b\r\n" * 2_000 + b"\r\nx\r\n", ""),
        (b"a: b\r\n" * 2_001 + b"\r\nx\r\n", LARGE_HEADER),
        ((b"a: " + b"x" * 995 + b"\r\n") * 260 + b"\r\nx\r\n", LARGE_HEADER),
        (b"\r\n" + b"x\r\n" * 5_000, ""),
        (b"a: b\r\n\r\n" + b"x\r\n" * 200_000, ""),
    ],
)
def test_content_is_refused_for_its_form(mail: bytes, refusal: str) -> None:
    content, reason, rest = taken(mail + b".\r\n")

    assert (reason, rest, content) == (refusal, b"", b"" if refusal else mail)


def test_refused_content_is_read_to_its_end_and_not_kept() -> None:
    held: list[int] = []

    def refusal_of(count: int) -> str:
        held.append(count)
        return "552 too much" if sum(held) > 10 else ""

    content = MailContent(refusal_of)
    rests = [content.take(chunk) for chunk in (b"12345678", b"12345678", b"1\r", b"\n.", b"\r\nNOOP")]

    assert (rests, content.result(), held) == ([None] * 4 + [b"NOOP"], (b"", "552 too much"), [8, 8])
