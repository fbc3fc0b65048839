"""Encoded words and parameters of received mail, as programs write them."""

from __future__ import annotations

import pytest

from misarmail_server.received.decoding import words
from misarmail_server.received.parsing import parse_mail


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("=?utf-8?b?4pw=?= =?utf-8?b?kw==?=", "\u2713"),  # a character split between words
        ("=?utf-8?q?=C3?=\t=?UTF-8?Q?=BC?=", "\u00fc"),
        ("=?utf-8?q?=C3?==?utf-8?b?vA==?=", "\u00fc"),
        ("=?iso-2022-jp?b?GyRCJDM=?= =?iso-2022-jp?b?JHMbKEI=?=", "\u3053\u3093"),
        ("=?utf-8?q?a?= =?iso-8859-1?q?=FC?= =?utf-8?q?b?=", "a\u00fcb"),
        ("a =?utf-8?q?b?= c =?utf-8*de?q?d_e?=", "a b c d e"),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        ("=?utf-8?b?PT91dGYtOD9xP2E/PQ==?=", "=?utf-8?q?a?="),  # decoded once
        (f"=?utf-8?q?{'a' * 900}?=", "a" * 900),
        ("no =? word ?=", "no =? word ?="),
    ],
)
def test_words_of_a_field_are_decoded(field: str, text: str) -> None:
    assert words(field) == text


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ("filename=report 2026.pdf", "report 2026.pdf"),
        ("filename=report 2026.pdf; size=3", "report 2026.pdf"),
        ("size=3; filename=Angebot (1) v2.pdf ;", "Angebot (1) v2.pdf"),
        ("filename=a; b.pdf; size=3", "a; b.pdf"),
        ('filename="a "b" c.pdf"', 'a "b" c.pdf'),
        ('filename="a; b.pdf"; size=3', "a; b.pdf"),
        ('filename="a\\"b.pdf"', 'a"b.pdf'),
        ("filename=\"x.pdf\"; filename*=utf-8''%C3%BC%20y.pdf", "\u00fc y.pdf"),
        ('filename*0="report "; filename*1="2026.pdf"', "report 2026.pdf"),
        ("filename==?utf-8?q?=C3=BC_2026.pdf?=", "\u00fc 2026.pdf"),
        ('filename="=?utf-8?q?=C3?= =?utf-8?q?=BC.pdf?="', "\u00fc.pdf"),
        ("filename=\r\n report\r\n 2026.pdf", "report 2026.pdf"),
    ],
)
@pytest.mark.parametrize(
    ("field", "parameter"), [("Content-Disposition: attachment", "filename"), ("Content-Type: application/pdf", "name")]
)
def test_parse_mail_keeps_the_whole_file_name(field: str, parameter: str, parameters: str, name: str) -> None:
    written = parameters.replace("filename", parameter)
    part = f"--x\r\n{field}; {written}\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--x--\r\n"

    (attached,) = parse_mail(f"Content-Type: multipart/mixed; boundary=x\r\n\r\n{part}".encode()).attachments

    assert attached.filename == name
