"""The links of messages are stored, so that no later version gives another meaning to the numbers in sent mail."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BATCH_SIZE = 200  # messages
MAX_LINKS = 500
MAX_URL_LENGTH = 2_048
# How links were numbered before this version. These patterns are part of the migration and never change.
LINK = re.compile(r"<(?:a|area)(?=[\s/])[^<]*+", re.IGNORECASE)
ATTRIBUTE = re.compile(r"[\s/]*+([^\s\"'<>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>`]++)))?+")
WEB = re.compile(r"https?://[^\s\x00-\x20\x7f]+", re.IGNORECASE)
UNSUBSCRIBE_TAG = re.compile(r"\{\{\{?+\s*+unsubscribe_url\s*+\}\}\}?+")
NONCHARACTERS = str.maketrans("", "", "\ufdd0\ufdd1")
REFERENCE = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[A-Za-z][A-Za-z0-9]*+;?)")

messages = sa.table("messages", *(sa.column(name) for name in ("id", "stream", "campaign_id", "body_html")))
links = sa.table("message_links", *(sa.column(name) for name in ("message_id", "number", "target")))


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "message_links",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_links_message_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_message_links")),
        sqlite_with_rowid=False,
    )
    last = ""
    while rows := _batch(last):
        stored = [
            {"message_id": row.id, "number": number, "target": target}
            for row in rows
            for number, target in enumerate(_targets(row.body_html, is_template=row.campaign_id is not None))
        ]
        if stored:
            op.get_bind().execute(sa.insert(links), stored)
        last = rows[-1].id


def _batch(last: str) -> list[sa.Row[tuple[str, str | None, str]]]:
    """The next marketing messages with HTML, in order of their ids."""
    query = sa.select(messages.c.id, messages.c.campaign_id, messages.c.body_html).where(
        messages.c.id > last, messages.c.stream == "marketing", messages.c.body_html.is_not(None)
    )
    return list(op.get_bind().execute(query.order_by(messages.c.id).limit(BATCH_SIZE)))


def _targets(page: str, *, is_template: bool) -> list[str]:
    """The targets in the order of their numbers."""
    numbered: dict[str, str] = {}
    for source in _sources(page.translate(NONCHARACTERS)):
        url = html.unescape(source).strip()
        is_fixed = not (is_template and "{{" in url) and not UNSUBSCRIBE_TAG.search(url)
        if is_fixed and WEB.fullmatch(url) and len(url) <= MAX_URL_LENGTH and (url in numbered or len(numbered) < MAX_LINKS):
            numbered.setdefault(url, REFERENCE.sub(_character, source).strip())
    return list(numbered.values())


def _sources(page: str) -> Iterator[str]:
    """The first `href` of each link as it is written."""
    for link in LINK.finditer(page):
        start, end = link.span()
        position = start + (5 if page[start + 1 : start + 5].lower() == "area" else 2)
        while attribute := ATTRIBUTE.match(page, position, end):
            if attribute[1].lower() == "href":
                yield next((group for group in attribute.group(2, 3, 4) if group is not None), "")
                break
            position = attribute.end()


def _character(match: re.Match[str]) -> str:
    """A named reference without `;` was decoded before `=` too, which changed the target; it stays (WHATWG HTML, section 13.2.5.73)."""
    text = match[0]
    if text[1] == "#":
        return html.unescape(text)
    if not text.endswith(";") and match.string[match.end() : match.end() + 1] == "=":
        return text
    return html5.get(text[1:], text)
