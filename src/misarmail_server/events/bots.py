"""Tells bots from humans among opens and clicks: prefetches of mail providers, security gateways, link previews.

The signs are checked in order; the first match is the reason. A program that looks like a browser and waits before it acts counts as a
human. A fetch by an image proxy when its user opens the mail (Gmail, Yahoo) is an open by a human.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from misarmail_server.context import SECOND

MIN_READING_TIME = 2 * SECOND  # after delivery: no human is faster
BURST = 2 * SECOND
BURST_LINKS = 3  # different links, or both links of a mail with two

APPLE = "Mozilla/5.0"  # the whole User-Agent of Mail Privacy Protection, which fetches every image of every mail, read or not
# Gmail's check of images before a mail is shown; its image proxy, which fetches on display, has another User-Agent.
GMAIL = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
)
PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
# Gateways that follow links before the mail is delivered, link previews of messengers, search engines, and programs' HTTP libraries.
PROGRAMS = re.compile(
    r"""
    (?<!cu)bot\b | \bbot | crawl | spider\b | scanner | link.?check | urlscan | preview | headless | phantomjs | existence\ discovery
    | barracuda | proofpoint | mimecast | fireeye | trellix | forcepoint | fortiguard | fortinet | ironport | messagelabs | symantec
    | sophos | trend\ ?micro | cloudmark | zscaler | safebrowsing | mailscanner | vade\b | virustotal
    | facebookexternalhit | whatsapp | skypeuripreview | slackbot | telegrambot | twitterbot | linkedinbot | discordbot
    | ^curl/ | ^wget | ^python | python-requests | aiohttp | python-httpx | ^go-http-client | ^java/ | apache-httpclient | ^ahc/
    | libwww-perl | lua-resty-http | ^axios | node-fetch | ^ruby | guzzlehttp | scrapy | mechanize | winhttp | ^php
    """,
    re.IGNORECASE | re.VERBOSE,
)
MAX_AGENT_LENGTH = 500  # characters that are matched

Action = Literal["opened", "clicked"]


class TrackingRequest(NamedTuple):
    """A request for a pixel or a tracked link.

    `purpose` is the value of Sec-Purpose or its predecessors; `since` is the time since delivery in milliseconds, None if unknown.
    """

    action: Action
    method: str
    user_agent: str
    purpose: str = ""
    since: int | None = None


BOT_SIGNS: tuple[tuple[str, Callable[[TrackingRequest], object]], ...] = (
    ("it asked for the headers only", lambda visit: visit.method == "HEAD"),
    ("it said that it fetches ahead", lambda visit: PREFETCH.search(visit.purpose)),
    ("Apple's Mail Privacy Protection", lambda visit: visit.action == "opened" and visit.user_agent == APPLE),
    ("Gmail's check before a mail is shown", lambda visit: visit.user_agent == GMAIL),
    ("it is a program by its own name", lambda visit: PROGRAMS.search(visit.user_agent[:MAX_AGENT_LENGTH])),
    # Every browser has a name; some mail programs fetch images without one.
    ("it is not a browser", lambda visit: visit.action == "clicked" and visit.user_agent in {"", APPLE}),
    ("less than 2 seconds after delivery", lambda visit: visit.since is not None and visit.since < MIN_READING_TIME),
)
BURST_REASON = "several links within 2 seconds"


def bot_reason(visit: TrackingRequest) -> str | None:
    """Why a request came from a bot; None for a human."""
    return next((reason for reason, is_so in BOT_SIGNS if is_so(visit)), None)


def is_burst(followed: int, links: int) -> bool:
    """Whether a bot followed the links: `followed` different ones of a mail with `links`, all within `BURST`."""
    return followed >= min(BURST_LINKS, max(2, links))
