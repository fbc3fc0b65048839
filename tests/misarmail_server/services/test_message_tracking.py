"""Pixels, links and unsubscribe links of real mail, followed as mail programs, humans and scanners do."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from io import BytesIO
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, update
from werkzeug.test import Client

from misarmail_server.app import create_app
from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.message import marketing, stored_parts
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import leases, settlement
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.delivery.worker.message_cache import MessageCache
from tests.conftest import Api, Platform
from tests.support.calls.marketing import campaign

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PERSON = {"User-Agent": FIREFOX}
LINKS = [f"https://shop.example/{number}?a=1&b=2" for number in range(4)]
PAGE = "<p>Hi {{first_name}}</p>" + "".join(f'<a href="{link.replace("&", "&amp;")}">x</a>' for link in LINKS)
ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}
MESSAGE = {
    **dict.fromkeys(("to_json", "cc_json", "tags_json"), "[]"),
    **dict.fromkeys(("headers_json", "metadata_json"), "{}"),
    "stream": "marketing",
    "is_sandbox": False,
    "from_email": "news@shop.example",
    "subject": "Hi {{first_name}}",
    "created_at": 1,
}
RECIPIENT = {"kind": "to", "state": "pending", "priority": 1, "attempt_count": 0, "due_at": 1, "values_json": '{"first_name":"Ada"}'}
TOKENS = ["x", "...", "msg_1.1.0.AAAAAAAAAAAAAAAAAAAAAA", "x" * 5_000, "%00", "msg_1.1.0.", "é.1.0.AAAAAAAAAAAAAAAAAAAAAA", "<script>"]


@dataclass
class Copy:
    """The mail of one recipient."""

    address: str
    pixel: str
    links: list[str]
    leave: str
    header: str


def ready_browser(platform: Any) -> Client:
    """A browser whose server has its routes. They are made with `ast`, which two threads must not use at once (CPython, gh-106905)."""
    client = browser(platform, platform.store)
    client.get("/")
    return client


class Sent:
    """A sent campaign, and a browser for the links of its mail."""

    def __init__(self, platform: Any, api: Any) -> None:
        self.api, self.platform = api, platform
        self.browser = browser(platform, platform.store)
        self.id = ""

    def send(self, *people: str, page: str = PAGE) -> list[Copy]:
        for person in people:
            self.api.post("/api/v1/contacts", json={"email": person, "first_name": "Ada"})
        self.queue(*people, page=page)
        return self.deliver()

    def queue(self, *people: str, page: str = PAGE) -> None:
        """A campaign's message and its recipients."""
        self.id = campaign(self.api, body_html=page).rpartition("/")[2]
        own = {"account_id": self.api.account_id, "message_id": f"msg_{self.id}"}
        message = {**MESSAGE, "id": own["message_id"], "account_id": own["account_id"], "campaign_id": self.id, "body_html": page}
        self.change(insert(tables.Message).values(message))
        self.platform.store.write(
            lambda connection: stored_parts.store_links(connection, own["message_id"], marketing.links(page, is_template=True))
        )
        rows = [{**RECIPIENT, **own, "lane": own["account_id"], "address": person} for person in people]
        self.change(insert(tables.Recipient).values(rows))

    def deliver(self) -> list[Copy]:
        """Deliver all due mail, a minute ago."""
        messages, rows = MessageCache(self.platform.settings, self.platform.store), leases.lease(self.platform.store, "me", 100, 60)
        mails = [copy_of(row.address, messages.envelope(row).content) for row in rows]
        settlement.settle(self.platform.store, [Settlement(row, Outcome("delivered", 250, "OK")) for row in rows])
        self.change(update(tables.Recipient).where(tables.Recipient.state == "delivered").values(finished_at=now() - 60_000))
        return mails

    def rewrite(self, **values: Any) -> None:
        """Replace the recipients: the database does not allow a delivered one to be leased again."""
        recipient = tables.Recipient
        with self.platform.store.read() as connection:
            rows = [{**row._mapping, **values} for row in connection.execute(select(recipient.__table__))]  # noqa: SLF001 - its public name
        self.change(delete(recipient))
        self.change(insert(recipient).values(rows))

    def change(self, statement: Any) -> None:
        self.platform.store.write(lambda connection: connection.execute(statement).rowcount)

    def events(self, *columns: str) -> list[Any]:
        """The events of humans and bots in order, with these columns; the type by itself."""
        wanted = [getattr(tables.Event, column) for column in columns or ("kind",)]
        query = select(*wanted).where(tables.Event.type.in_(("opened", "clicked", "unsubscribed"))).order_by(tables.Event.id)
        with self.platform.store.read() as connection:
            rows = connection.execute(query).all()
        return [tuple(row) if columns else row[0] for row in rows]

    def results(self) -> dict[str, int]:
        metrics = self.api.get(f"/api/v1/analytics/campaigns/{self.id}").json["metrics"]
        names = ("total_opened", "unique_opens", "machine_opens", "total_clicked", "unique_clicks", "machine_clicks", "total_unsubscribed")
        return {name: metrics[name] for name in names if metrics[name]}

    def links(self) -> list[tuple[str, int, int]]:
        result = self.api.get(f"/api/v1/analytics/campaigns/{self.id}").json["links"]
        return [(each["url"], each["clicks"], each["unique_clicks"]) for each in result]


def browser(platform: Any, store: Store) -> Client:
    return Client(create_app(platform.settings, store).wsgi_app)


def copy_of(address: str, mime: bytes) -> Copy:
    """The paths of a mail's links."""
    mail: Any = message_from_bytes(mime, policy=policy.default)
    page = mail.get_body(("html",)).get_content()
    paths = re.findall(r'"http://127\.0\.0\.1:8025(/[^"]+)"', page)
    header = re.match(r"<http://127\.0\.0\.1:8025([^>]+)>", mail["List-Unsubscribe"])
    return Copy(
        address,
        next(path for path in paths if path.startswith("/t/o/")),
        [path for path in paths if path.startswith("/t/c/")],
        next(path for path in paths if path.startswith("/u/")),
        header[1] if header else "",
    )


@pytest.fixture
def sent(platform: Platform, api: Api) -> Any:
    return Sent(platform, api)


@pytest.fixture
def received(sent: Any) -> Any:
    (only,) = sent.send("ada@example.com")
    return only


def forged(path: str) -> str:
    """The path with its token's proof changed."""
    stem, dot, suffix = path.partition(".gif")
    return stem[:-2] + ("AA" if stem[-2:] != "AA" else "BA") + dot + suffix


def test_open_is_counted_once_for_each_mail_and_written_down_each_time(sent: Any, received: Any) -> None:
    answers = [sent.browser.get(received.pixel, headers=PERSON, environ_base={"REMOTE_ADDR": "192.0.2.7"}) for _ in range(3)]

    assert {(answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) for answer in answers} == {
        (200, "image/gif", "no-store")
    }
    assert (answers[0].data[:6], len(answers[0].data), "Set-Cookie" in answers[0].headers) == (b"GIF89a", 42, False)
    assert (
        sent.events("type", "kind", "recipient", "user_agent", "ip_address")
        == [("opened", "opened", "ada@example.com", FIREFOX, "192.0.2.7")] * 3
    )
    assert sent.results() == {"total_opened": 1, "unique_opens": 1}


def test_an_open_through_a_trusted_proxy_has_the_clients_address(sent: Any, received: Any, platform: Platform, store: Store) -> None:
    behind = Client(create_app(replace(platform.settings, trusted_proxies=(ip_network("192.0.2.0/24"),)), store).wsgi_app)
    for peer in ("192.0.2.7", "198.51.100.7"):
        behind.get(received.pixel, headers={**PERSON, "X-Forwarded-For": "203.0.113.7"}, environ_base={"REMOTE_ADDR": peer})

    assert sent.events("ip_address") == [("203.0.113.7",), ("198.51.100.7",)]


def test_click_leads_to_where_the_author_meant(sent: Any, received: Any) -> None:
    answers = [sent.browser.get(path, headers=PERSON) for path in received.links[:2]]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(302, link) for link in LINKS[:2]]
    assert {(answer.headers["Cache-Control"], "Set-Cookie" in answer.headers) for answer in answers} == {("no-store", False)}


def test_click_counts_once_for_each_mail_and_once_for_each_link(sent: Any, received: Any) -> None:
    for path in (received.links[0], received.links[0], received.links[1]):
        sent.browser.get(path, headers=PERSON)

    assert sent.results() == {"total_clicked": 1, "unique_clicks": 1}
    assert sent.links() == [(LINKS[0], 2, 1), (LINKS[1], 1, 1)]


def test_concurrent_clicks_of_one_human_are_one_unique_click(sent: Any, received: Any) -> None:
    with ThreadPoolExecutor(4) as people:
        clients = [ready_browser(sent.platform) for _ in range(4)]
        answers = list(people.map(lambda client: client.get(received.links[2], headers=PERSON).status_code, clients * 3))

    assert answers == [302] * 12
    assert sent.results() == {"total_clicked": 1, "unique_clicks": 1}
    assert sent.links() == [(LINKS[2], 12, 1)]


def test_clicks_on_many_links_at_once_are_attributed_to_a_bot(sent: Any, received: Any) -> None:
    for path in received.links[:2]:
        sent.browser.get(path, headers=PERSON)
    assert sent.results() == {"total_clicked": 1, "unique_clicks": 1}

    for path in received.links[2:]:
        assert sent.browser.get(path, headers=PERSON).status_code == 302

    assert sent.events("kind", "reply_text") == [("machine_clicked", "Not a person: several links within 2 seconds")] * 4
    assert sent.results() == {"machine_clicks": 4}
    assert [link[1:] for link in sent.links()] == [(0, 0)] * 4
    sent.change(update(tables.Event).values(at=tables.Event.at - 10_000))
    sent.browser.get(received.links[0], headers=PERSON)
    assert sent.results() == {"total_clicked": 1, "unique_clicks": 1, "machine_clicks": 4}


def test_concurrent_clicks_of_a_bot_are_not_counted_for_a_human(sent: Any, received: Any) -> None:
    with ThreadPoolExecutor(4) as scanners:
        clients = [ready_browser(sent.platform) for _ in received.links]
        answers = list(scanners.map(lambda client, path: client.get(path, headers=PERSON).status_code, clients, received.links))

    assert (answers, sent.results()) == ([302] * 4, {"machine_clicks": 4})


def test_bot_visits_are_counted_separately_with_the_reason(sent: Any, received: Any) -> None:
    sent.browser.get(received.pixel, headers={"User-Agent": "Mozilla/5.0"})
    sent.browser.get(received.links[0], headers={"User-Agent": "Barracuda Sentinel (EE)"})
    sent.browser.get(received.links[0], headers=PERSON | {"Sec-Purpose": "prefetch"})

    assert sent.results() == {"machine_opens": 1, "machine_clicks": 2}
    assert [reason for (reason,) in sent.events("reply_text")] == [
        "Not a person: Apple's Mail Privacy Protection",
        "Not a person: it is a program by its own name",
        "Not a person: it said that it fetches ahead",
    ]


@pytest.mark.parametrize("state", ["delivered", "leased"])
def test_open_within_two_seconds_of_the_delivery_is_a_bots(sent: Any, received: Any, state: str) -> None:
    sent.rewrite(state=state, finished_at=now() if state == "delivered" else None)

    sent.browser.get(received.pixel, headers=PERSON)

    assert sent.events("kind", "reply_text") == [("machine_opened", "Not a person: less than 2 seconds after delivery")]


def test_opens_and_clicks_of_humans_are_posted_to_webhooks(sent: Any, received: Any) -> None:
    types = ["email.opened", "email.clicked", "email.unsubscribed", "contact.updated"]
    sent.api.post("/api/v1/webhooks", json={"url": "https://app.example.com/hooks", "events": types})

    for path in (received.pixel, received.links[0]):
        sent.browser.head(path, headers=PERSON)
        sent.browser.get(path, headers=PERSON)
    sent.browser.post(received.leave, **ONE_CLICK)

    with sent.platform.store.read() as connection:
        query = select(tables.WebhookDelivery.event_type, tables.WebhookDelivery.body).order_by(tables.WebhookDelivery.id)
        posted = connection.execute(query).all()
    assert sorted(each.event_type for each in posted) == sorted(types)
    bodies = b"".join(each.body for each in posted)
    assert bodies.count(FIREFOX.encode()) == 2
    assert b'"url":"https://shop.example/0?a=1&b=2"' in bodies


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_each_http_method_has_its_effect(sent: Any, received: Any, method: str) -> None:
    answers = [sent.browser.open(path, method=method, headers=PERSON) for path in (received.pixel, received.links[0], received.leave)]

    expected = {"GET": [200, 302, 200], "HEAD": [200, 302, 200], "POST": [405, 405, 200], "OPTIONS": [200, 200, 200]}
    assert [answer.status_code for answer in answers] == expected.get(method, [405, 405, 405])
    kinds = {"GET": ["opened", "clicked"], "HEAD": ["machine_opened", "machine_clicked"], "POST": ["unsubscribed"]}
    assert sent.events() == kinds.get(method, [])


@pytest.mark.parametrize("token", TOKENS)
def test_hostile_tokens_are_known_nowhere_and_cost_no_database(sent: Any, token: Any) -> None:
    options: list[Any] = []
    event.listen(sent.platform.store.engine, "before_cursor_execute", lambda *given: options.append(given[2]))

    pixel = sent.browser.get(f"/t/o/{token}.gif")
    others = [sent.browser.get(f"/t/c/{token}"), sent.browser.get(f"/u/{token}"), sent.browser.post(f"/u/{token}")]

    assert (pixel.status_code, pixel.data[:6]) == (200, b"GIF89a")
    assert [other.status_code for other in others] == [404, 404, 404]
    assert not [other for other in others if "Location" in other.headers or "<script>" in other.text]
    assert options == []


def test_tokens_are_valid_only_for_their_purpose(sent: Any, received: Any) -> None:
    options = [
        *(
            received.links[0].replace("/t/c/", "/u/"),
            received.leave.replace("/u/", "/t/c/"),
            received.pixel.replace(".gif", "").replace("/t/o/", "/t/c/"),
        ),
        *(forged(received.links[0]), forged(received.leave), received.links[0][:-1], f"{received.links[0]}A"),
    ]

    answers = [sent.browser.get(path, headers=PERSON) for path in options]

    assert [answer.status_code for answer in answers] == [404] * len(options)
    assert sent.browser.get(forged(received.pixel), headers=PERSON).data[:6] == b"GIF89a"
    assert sent.events() == []


def read(tokens: Tokens, received: Any) -> TokenClaim:
    """The claim of a mail's first link."""
    claim = tokens.read("click", received.links[0][5:])
    assert claim is not None
    return claim


def test_tokens_of_deleted_mail_are_not_found(sent: Any, received: Any) -> None:
    tokens = Tokens(sent.platform.settings)
    for claim in (TokenClaim("msg_gone", 1), TokenClaim(read(tokens, received).message_id, 2**59, 0)):
        assert sent.browser.get(f"/t/c/{tokens.make('click', claim)}").status_code == 404
        assert sent.browser.get(f"/t/o/{tokens.make('open', claim)}.gif").status_code == 200
        assert sent.browser.get(f"/u/{tokens.make('unsubscribe', claim)}").status_code == 404
        assert sent.browser.post(f"/u/{tokens.make('unsubscribe', claim)}").status_code == 404
    claim = read(tokens, received)
    assert sent.browser.get(f"/t/c/{tokens.make('click', claim._replace(link=4))}").status_code == 404
    assert sent.events() == []


def test_click_needs_no_store_once_the_links_are_known(sent: Any, received: Any) -> None:
    with closing(Store(sent.platform.settings.database_url)) as store:
        client = browser(sent.platform, store)
        client.get(received.links[0], headers=PERSON)
        store.close()
        answers = [client.get(path, headers=PERSON) for path in (received.links[1], received.pixel)]
        late = [browser(sent.platform, store).get(received.links[1]), client.get(received.leave), client.post(received.leave, **ONE_CLICK)]

    assert [answer.status_code for answer in answers] == [302, 200]
    assert [(each.status_code, each.headers["Retry-After"]) for each in late] == [(503, "5")] * 3
    assert sent.events() == ["clicked"]


def test_links_of_marketing_mail_that_was_sent_singly_are_tracked_too(sent: Any) -> None:
    body = {"from": {"email": "news@shop.example"}, "to": [{"email": "bob@example.com"}], "subject": "Hi", "stream": "marketing"}
    url = "https://bücher.example/ä?q=ö"
    sent.api.post("/api/v1/send", json=body | {"html": f'<p>{{{{kept}}}}</p><a href="{url}">x</a>'})
    (received,) = sent.deliver()

    answer = sent.browser.get(received.links[0], headers=PERSON)

    assert answer.headers["Location"] == "https://xn--bcher-kva.example/%C3%A4?q=%C3%B6"
    assert sent.events("kind", "campaign_id", "url") == [("clicked", None, url)]


def test_unsubscribe_page_changes_nothing_and_masks_the_address(sent: Any, received: Any) -> None:
    pages = [sent.browser.get(received.leave, headers=PERSON) for _ in range(2)]

    assert pages[0].text == pages[1].text
    assert "<strong>a***@example.com</strong>" in pages[0].text
    assert '<form method="post">' in pages[0].text
    assert "ada@example.com" not in pages[0].text
    assert ("<script" in pages[0].text, "Set-Cookie" in pages[0].headers) == (False, False)
    assert "default-src 'none'" in pages[0].headers["Content-Security-Policy"]
    assert (received.leave, sent.events(), sent.api.get("/api/v1/suppressions").json["suppressions"]) == (received.header, [], [])


@pytest.mark.parametrize(
    "sent_as", [ONE_CLICK, {"data": {"leave": "1"}}, {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"}, {}]
)
def test_post_unsubscribes_at_once(sent: Any, received: Any, sent_as: Any) -> None:
    done = sent.browser.post(received.header, **sent_as)

    assert (done.status_code, "is unsubscribed" in done.text, "Set-Cookie" in done.headers) == (200, True, False)
    assert sent.api.get("/api/v1/suppressions/ada@example.com").json["suppression"]["reason"] == "unsubscribed"
    assert sent.api.get("/api/v1/contacts?status=unsubscribed").json["contacts"][0]["email"] == "ada@example.com"
    assert sent.results() == {"total_unsubscribed": 1}


def test_post_again_reports_an_earlier_unsubscribe(sent: Any, received: Any) -> None:
    sent.browser.post(received.header, **ONE_CLICK)

    again = sent.browser.post(received.header, **ONE_CLICK)

    assert (again.status_code, "was already unsubscribed" in again.text) == (200, True)
    assert "receives no more mail" in sent.browser.get(received.header).text
    assert (sent.events(), sent.results()) == (["unsubscribed"], {"total_unsubscribed": 1})


def test_concurrent_posts_are_one_unsubscribe(sent: Any, received: Any) -> None:
    clients = [ready_browser(sent.platform) for _ in range(4)]
    with ThreadPoolExecutor(4) as mail_programs:
        answers = list(mail_programs.map(lambda client: client.post(received.header, **ONE_CLICK).text, clients))

    assert sum("is unsubscribed" in answer for answer in answers) == 1
    assert sent.events() == ["unsubscribed"]


def test_post_for_a_deleted_or_resubscribed_contact(sent: Any, received: Any) -> None:
    (contact,) = sent.api.get("/api/v1/contacts").json["contacts"]
    sent.browser.post(received.header, **ONE_CLICK)
    sent.api.delete("/api/v1/suppressions/ada@example.com")
    sent.api.delete(f"/api/v1/contacts/{contact['id']}")

    assert "is unsubscribed" in sent.browser.post(received.header, **ONE_CLICK).text
    assert sent.results() == {"total_unsubscribed": 2}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Transfer-Encoding": "chunked"}, {"Content-Length": "9" * 40}],
)
def test_post_with_a_huge_body_is_refused(sent: Any, received: Any, headers: Any) -> None:
    body = BytesIO(b"List-Unsubscribe=One-Click&" + b"x" * 5_000)
    length = {} if headers else {"content_length": 5_027}

    refused = sent.browser.post(received.header, input_stream=body, headers=headers, **length)

    assert (refused.status_code, refused.headers["Cache-Control"], sent.events()) == (413, "no-store", [])


def test_unsubscribing_in_the_middle_of_a_run_stops_the_rest(sent: Any) -> None:
    first, _ = sent.send("ada@example.com", "bob@example.com")
    sent.queue("ada@example.com", "bob@example.com")

    sent.browser.post(first.header, **ONE_CLICK)

    assert [each.address for each in sent.deliver()] == ["bob@example.com"]
    with sent.platform.store.read() as connection:
        states = connection.execute(select(tables.Recipient.address, tables.Recipient.state).order_by(tables.Recipient.id)).all()
    assert [tuple(state) for state in states][2:] == [("ada@example.com", "suppressed"), ("bob@example.com", "delivered")]


def test_links_of_sent_mail_keep_their_targets_whatever_the_stored_text_becomes(sent: Any, received: Any) -> None:
    sent.change(update(tables.Message).values(body_html='<a href="https://other.example/">x</a>'))

    targets = [browser(sent.platform, sent.platform.store).get(link, headers=PERSON).headers["Location"] for link in received.links]

    assert targets == LINKS
