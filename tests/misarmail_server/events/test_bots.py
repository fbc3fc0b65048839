from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.events import bots
from misarmail_server.events.bots import TrackingRequest

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
EDGE = f"{CHROME} Edg/131.0.0.0"
PEOPLE = [
    SAFARI,
    CHROME,
    EDGE,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 [FBAN/FB4A;FBAV/489.0.0.0;]",
    "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10.289 Version/12.02",
    "x" * 100_000,
]
PROGRAMS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Microsoft Office Existence Discovery",
    "Barracuda Sentinel (EE)",
    "Mimecast-URL-Scan",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
    "curl/8.11.0",
    "Wget/1.25",
    "python-requests/2.32.3",
    "Python/3.12 aiohttp/3.11",
    "Go-http-client/2.0",
    "Java/17.0.2",
    "AHC/2.1",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.24.1 A",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient)",
]


@pytest.mark.parametrize("action", ["opened", "clicked"])
@pytest.mark.parametrize("user_agent", PEOPLE)
def test_sign_sees_none_in_what_people_use(action: bots.Action, user_agent: Any) -> None:
    assert bots.bot_reason(TrackingRequest(action, "GET", user_agent, since=2_000)) is None


@pytest.mark.parametrize("action", ["opened", "clicked"])
@pytest.mark.parametrize("user_agent", PROGRAMS)
def test_sign_knows_programs_by_their_names(action: bots.Action, user_agent: Any) -> None:
    assert bots.bot_reason(TrackingRequest(action, "GET", user_agent)) == "it is a program by its own name"


@pytest.mark.parametrize(
    ("visit", "reason"),
    [
        (TrackingRequest("opened", "HEAD", SAFARI), "it asked for the headers only"),
        (TrackingRequest("clicked", "HEAD", SAFARI), "it asked for the headers only"),
        (TrackingRequest("clicked", "GET", CHROME, "prefetch;prerender"), "it said that it fetches ahead"),
        (TrackingRequest("clicked", "GET", SAFARI, "preview"), "it said that it fetches ahead"),
        (TrackingRequest("opened", "GET", CHROME, "Prefetch"), "it said that it fetches ahead"),
        (TrackingRequest("opened", "GET", "Mozilla/5.0"), "Apple's Mail Privacy Protection"),
        (TrackingRequest("clicked", "GET", "Mozilla/5.0"), "it is not a browser"),
        (TrackingRequest("opened", "GET", bots.GMAIL), "Gmail's check before a mail is shown"),
        (TrackingRequest("opened", "GET", ""), None),
        (TrackingRequest("clicked", "GET", ""), "it is not a browser"),
        (TrackingRequest("opened", "GET", SAFARI, since=1_999), "less than 2 seconds after delivery"),
        (TrackingRequest("clicked", "GET", SAFARI, since=0), "less than 2 seconds after delivery"),
        (TrackingRequest("clicked", "GET", SAFARI, since=-5), "less than 2 seconds after delivery"),
        (TrackingRequest("clicked", "GET", SAFARI, since=2_000), None),
    ],
)
def test_sign_says_why_it_was_a_machine(visit: Any, reason: str | None) -> None:
    assert bots.bot_reason(visit) == reason


@pytest.mark.parametrize(
    ("followed", "links", "is_it"),
    [(1, 1, False), (1, 2, False), (2, 2, True), (2, 3, False), (3, 3, True), (2, 500, False), (4, 500, True)],
)
def test_is_burst_needs_more_links_than_a_person_follows_at_once(followed: int, links: int, is_it: bool) -> None:
    assert bots.is_burst(followed, links) is is_it
