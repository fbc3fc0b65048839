"""Where the report ends and the returned mail begins."""

from __future__ import annotations

import re

from misarmail_server.received.bounces.reading import Fields, ParsedMessage, ParsedPart, first_of, header

MAX_NOTICE_LENGTH = 64_000  # characters
RETURNED_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/partial")
MARKER = re.compile(
    r"^[ \t>]*(?:-{2,} ?(?:below this line|the header of the original|this is a copy of|original message"
    r"|enclosed is a copy|unsent message|original mail"
    r"|returned (?:message|mail)|message header|start of original|-{5,}original mail)|original message (?:follows"
    r"|headers)|original headers:"
    r"|below is a copy of the original|included is a copy of the message|a copy of the (?:original )?message"
    r"|the original message (?:follows|headers)"
    r"|original mail as follows|(?:received|return-path|dkim-signature|x-envelope-from):[ \t]*\S).*$",
    re.IGNORECASE | re.MULTILINE,
)
FIELD_LINE = re.compile(
    r"^[ \t]*(message-id|to|x-envelope-to|envelope-to|delivered-to|subject|from|cc):[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE
)
# Fields of a report that, in its text, name servers rather than reasons.
DSN_FIELD = re.compile(
    r"^(?:reporting-mta|received-from-mta|arrival-date|last-attempt-date|remote-mta|x-actual-recipient"
    r"|final-recipient|original-recipient|action|status"
    r"|x-[a-z-]{1,30}-(?:queue-id|sender)|x-original-message-id|content-(?:type|description|transfer-encoding)):.*$",
    re.IGNORECASE | re.MULTILINE,
)


def is_returned(part: ParsedPart) -> bool:
    """Whether a part is the returned mail rather than the report."""
    names = part.fields.keys()
    return part.media_type in RETURNED_TYPES or "received" in names or {"from", "to"} <= names


def notice(message: ParsedMessage) -> str:
    """The reporter's own text, without the returned mail."""
    own = [part for part in message.parts if not (part is not message.parts[0] and is_returned(part))]
    texts = [part for part in own if part.media_type == "text/plain" or part.media_type.startswith(("multipart/", "message/"))]
    texts = [part for part in texts if part.media_type not in (*RETURNED_TYPES, "message/delivery-status")]
    if not any(part.body.strip() for part in texts):
        texts = [part for part in own if part.media_type == "text/html"]
    return DSN_FIELD.sub("", "\n\n".join(cut(part.text()[:MAX_NOTICE_LENGTH]) for part in texts)[:MAX_NOTICE_LENGTH])


def cut(text: str) -> str:
    """The text up to where it begins to quote the returned mail."""
    match = MARKER.search(text)
    return text[: match.start()] if match and text[: match.start()].strip() else text


def fields(message: ParsedMessage) -> Fields:
    """The header of the returned mail, as far as it is included."""
    for part in message.parts[1:]:
        if part.media_type in RETURNED_TYPES and part.body:
            return first_of(header(part.text().encode("utf-8", "replace").split(b"\n"))[0])
        if is_returned(part):
            return part.fields
    return _quoted(message.parts)


def _quoted(parts: list[ParsedPart]) -> Fields:
    for part in parts:
        text = part.text()[: 4 * MAX_NOTICE_LENGTH]
        match = MARKER.search(text)
        if match:
            return first_of(
                (field[1].lower(), field[2].strip())
                for field in FIELD_LINE.finditer(text[match.start() : match.start() + MAX_NOTICE_LENGTH])
            )
    return {}
