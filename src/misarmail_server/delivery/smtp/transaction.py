"""One mail on an open connection (RFC 5321, section 3.3), its envelope pipelined where the server allows it (RFC 2920)."""

from __future__ import annotations

from dataclasses import replace

from misarmail_server.delivery.envelope import BeforeDot, Envelope
from misarmail_server.delivery.message.headers import Unsendable, wire_address
from misarmail_server.delivery.outcomes import Outcome, ambiguous, of_reply
from misarmail_server.delivery.smtp.client import CLOSING, COMMAND_SECONDS, OK, SmtpClient, describe_error
from misarmail_server.delivery.smtp.wire import ProtocolError, SmtpReply

READY_FOR_DATA = 354
CONTENT_SECONDS = 180.0  # RFC 5321, section 4.5.3.2.5, for a block; the deadline of the session may come first
DOT_SECONDS = 600.0  # section 4.5.3.2.6: giving up earlier sends mail twice
BLOCK = 65_536  # content up to this size is written together with its final dot
REFUSALS = 400  # the reply classes of RFC 5321
EXPECTED_REPLIES = ({OK}, {OK, 251}, {READY_FOR_DATA})  # of MAIL, RCPT and DATA


class StaleError(OSError):
    """A connection from an earlier mail was closed before it replied to anything: the mail may be tried on a new one at once."""


def on_the_wire(envelope: Envelope) -> Envelope:
    """The envelope with addresses as in SMTP. Raises Unsendable for an invalid address, and for content that could end early."""
    sender = wire_address(envelope.sender, "sender") if envelope.sender else ""
    recipient = wire_address(envelope.recipient, "recipient")
    lines = envelope.content.count(b"\r\n")
    if envelope.content.count(b"\n") != lines or envelope.content.count(b"\r") != lines:
        raise Unsendable("The mail contains a line break that is not CRLF")
    return replace(envelope, sender=sender, recipient=recipient)


def transact(client: SmtpClient, mail: Envelope, before_dot: BeforeDot) -> Outcome:
    """The server's reply about this mail; `ambiguous` if the connection broke between the final dot and its reply.

    Raises OSError if it broke earlier, StaleError if the mail may be tried again at once; the connection is unusable then,
    and also when the client `is_spent`.
    """
    parameters = _parameters(client.extensions, mail)
    if isinstance(parameters, Outcome):
        return parameters
    refusal = _open_content(client, [b"MAIL FROM:<%s>%s" % (mail.mail_from, parameters), b"RCPT TO:<%s>" % mail.rcpt_to, b"DATA"])
    if refusal:
        return refusal
    return _send_content(client, mail, before_dot)


def _parameters(extensions: dict[str, str], mail: Envelope) -> bytes | Outcome:
    """The parameters of MAIL, or why this server can never accept the mail."""
    parameters = b""
    if "SIZE" in extensions:
        most = extensions["SIZE"].strip()
        if most.isdecimal() and 0 < int(most[:18]) < len(mail.content):
            return Outcome("bounced", None, f"The receiver accepts mails of at most {most[:18]} bytes")
        parameters = b" SIZE=%d" % len(mail.content)
    if mail.needs_8_bits and "8BITMIME" not in extensions:
        return Outcome("bounced", None, "The receiver takes 7-bit mail only")
    if mail.needs_8_bits:
        parameters += b" BODY=8BITMIME"
    if mail.needs_utf8 and "SMTPUTF8" not in extensions:
        return Outcome("bounced", None, "The receiver cannot carry addresses outside ASCII")
    return parameters + b" SMTPUTF8" if mail.needs_utf8 else parameters


def _open_content(client: SmtpClient, commands: list[bytes]) -> Outcome | None:
    """From MAIL to the 354; the first refusal is the outcome."""
    client.mails += 1
    replies = _replies(client, commands)
    if replies and replies[0].code == CLOSING and client.mails > 1:
        raise StaleError("it closed the connection between two mails")
    for number, reply in enumerate(replies):
        if reply.code not in EXPECTED_REPLIES[number]:
            client.needs_reset = True
            # A server that replies 354 although it refused the envelope waits for content, which must not be sent.
            client.is_spent |= replies[-1].code in {READY_FOR_DATA, CLOSING}
            return _refusal(reply, is_about_recipient=number == 1)
    client.wire.require_silence()
    return None


def _replies(client: SmtpClient, commands: list[bytes]) -> list[SmtpReply]:
    """A reply for each command, fewer after a refusal. Raises OSError, unless a reply says why the server closed the connection."""
    replies: list[SmtpReply] = []
    try:
        if client.needs_reset:
            _reset(client)
        if "PIPELINING" in client.extensions:
            _send_pipelined(client, commands, replies)
        else:
            _send_in_turn(client, commands, replies)
    except ProtocolError:
        raise
    except OSError as error:
        client.is_spent = True
        if not replies and client.mails > 1 and not isinstance(error, TimeoutError):
            raise StaleError("it closed the connection between two mails") from error
        if not any(reply.code >= REFUSALS for reply in replies):
            raise
    return replies


def _send_pipelined(client: SmtpClient, commands: list[bytes], replies: list[SmtpReply]) -> None:
    client.wire.require_silence()
    client.wire.write(b"\r\n".join([*commands, b""]), COMMAND_SECONDS)
    for _ in commands:
        replies.append(client.wire.read(COMMAND_SECONDS))
        if replies[-1].code == CLOSING:
            return


def _send_in_turn(client: SmtpClient, commands: list[bytes], replies: list[SmtpReply]) -> None:
    for command, expected in zip(commands, EXPECTED_REPLIES, strict=True):
        replies.append(client.say(command))
        if replies[-1].code not in expected:
            return


def _reset(client: SmtpClient) -> None:
    """Reset the session after a refused transaction."""
    if client.say(b"RSET").code != OK:
        raise StaleError("it refused RSET")
    client.needs_reset = False


def _refusal(reply: SmtpReply, *, is_about_recipient: bool) -> Outcome:
    """A reply that ends the transaction; a positive one in the wrong place counts as a temporary failure."""
    outcome = of_reply(reply.code, reply.text, is_about_recipient=is_about_recipient)
    return Outcome("deferred", reply.code, outcome.text) if outcome.state == "delivered" else outcome


def _send_content(client: SmtpClient, mail: Envelope, before_dot: BeforeDot) -> Outcome:
    wire, last = client.wire, mail.data
    if len(last) > BLOCK:
        wire.write(last, CONTENT_SECONDS)
        wire.require_silence()
        last = b""
    before_dot()
    try:
        wire.write(last + mail.final_dot, CONTENT_SECONDS)
        reply = wire.read(DOT_SECONDS)
    except OSError as error:
        client.is_spent = True
        return ambiguous(f"The connection broke before the mail was acknowledged: {describe_error(error)}")
    client.is_spent |= reply.code == CLOSING
    return of_reply(reply.code, reply.text)
