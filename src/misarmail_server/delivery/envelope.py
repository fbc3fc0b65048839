"""A mail and where it goes, as a transport takes it and as the wire has it (RFC 5321, section 2.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from misarmail_server.rows.recipient_states import Stream

BeforeDot = Callable[[], None]  # called when only the end of the content is missing, before that end can be on the wire


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """One of the platform's IP addresses to send from. `hostname` is the name in EHLO; None for the usual."""

    ip: str
    hostname: str | None = None


@dataclass(frozen=True)
class Envelope:
    """`content` has CRLF line ends only. `pool` names the addresses to send from, `source` is the chosen one, None for any.

    The wire form is computed when it is first asked for, and kept: a mail may be tried at several hosts.
    """

    sender: str
    recipient: str
    content: bytes
    stream: Stream = "transactional"
    pool: str = ""
    source: SourceAddress | None = None

    @cached_property
    def mail_from(self) -> bytes:
        """The reverse path, empty for none."""
        return self.sender.encode()

    @cached_property
    def rcpt_to(self) -> bytes:
        """The forward path."""
        return self.recipient.encode()

    @cached_property
    def data(self) -> bytes:
        """The content with its dots stuffed (RFC 5321, section 4.5.2), without the final dot."""
        stuffed = self.content.replace(b"\r\n.", b"\r\n..") if b"\n." in self.content else self.content
        return b"." + stuffed if stuffed.startswith(b".") else stuffed

    @cached_property
    def final_dot(self) -> bytes:
        """The end of the content, with the line end that it may lack."""
        return b".\r\n" if not self.content or self.content.endswith(b"\r\n") else b"\r\n.\r\n"

    @cached_property
    def needs_8_bits(self) -> bool:
        """Whether the server must offer 8BITMIME (RFC 6152)."""
        return not self.content.isascii()

    @cached_property
    def needs_utf8(self) -> bool:
        """Whether the server must offer SMTPUTF8 (RFC 6531): an address or a header field is outside ASCII."""
        if not (self.sender + self.recipient).isascii():
            return True
        return self.needs_8_bits and not self.content[: self.content.find(b"\r\n\r\n")].isascii()


def no_mark() -> None:
    """The mark of a caller that keeps no journal."""
