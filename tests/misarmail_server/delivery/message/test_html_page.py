"""HTML of authors: attributes as browsers read them, styles inlined without changing any other byte, links that a reader sees."""

from __future__ import annotations

import html
import re
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from misarmail_server.delivery.message import marketing
from misarmail_server.delivery.message.checks import CheckedMail, check
from misarmail_server.delivery.message.headers import MailAddress
from misarmail_server.delivery.message.html_page.inlining import inlined
from misarmail_server.delivery.message.html_page.plain_text import plain_text
from misarmail_server.delivery.message.html_page.tags import attribute_value, attributes, tags
from misarmail_server.delivery.message.preview import Preview
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.message.template import Slot
from misarmail_server.delivery.message.template_tokens import TemplateError

STYLE_ATTRIBUTE = re.compile(r" style(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?(?=[\s>])", re.IGNORECASE)
NAMES = [
    "region",
    "currency",
    "section",
    "timestamp",
    "note",
    "copy",
    "param",
    "lt",
    "amp",
    "quot",
    "times",
    "order",
    "yen",
    "degree",
    "micro",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("following", ["=1", "1", "x=2"])
def test_links_keep_parameters_that_look_like_characters(name: str, following: str) -> None:
    url = f"https://shop.example/?id=1&{name}{following}&z=2"

    assert marketing.links(f'<a href="{url}">x</a>', is_template=False) == (url,)
    assert marketing.links(f'<a href="{html.escape(url)}">x</a>', is_template=True) == (url,)
    assert f"[x]({url})" in (plain_text(f'<p><a href="{url}">x</a></p>', is_template=False) or "")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("a&amp;b&#38;c&#x26;d", "a&b&c&d"),
        ("&copy &copy; &copy", "\u00a9 \u00a9 \u00a9"),
        ("&copy=1&copyx&notit;&nosuch;&", "&copy=1&copyx&notit;&nosuch;&"),
        ("&lt&gt", "<>"),
        ("&hellip;&hellip", "\u2026&hellip"),
    ],
)
def test_attribute_value_follows_the_html_standard(source: str, value: str) -> None:
    assert attribute_value(source) == value


@pytest.mark.parametrize(
    ("page", "href"),
    [
        ('<a title="a>b" href=x>', "x"),
        ("<a title='<a href=y>' href=x>", "x"),
        ('<a/href="x"/>', "x"),
        ("<a href = x/y?z=1/ >", "x/y?z=1/"),
        ("<!-- <a href=y> --><a href=x>", "x"),
        ("<!--><a href=x>-->", "x"),
        ("<style><a href=y></style><A HREF='x' href=z>", "x"),
        ("<script>'<a href=y>'</script><!doctype html><a href=x>", "x"),
        ("a < b <3 <a href=x>", "x"),
    ],
)
def test_tags_are_found_as_browsers_find_them(page: str, href: str) -> None:
    (link,) = [tag for tag in tags(page) if tag.kind == "start" and tag.name == "a"]

    assert next(attribute.value for attribute in attributes(page, link) if attribute.name == "href") == href


@given(st.text(st.sampled_from("<>a/!-= \"'{}sty&;")))
@example("<a='>")
@example("<!-")
def test_tags_cover_any_text_in_order(page: str) -> None:
    position = 0
    for tag in tags(page, has_conditions=True):
        assert position <= tag.start <= tag.end <= len(page)
        position = tag.end


@pytest.mark.parametrize(
    "body",
    [
        "<![if !mso]><p>x</p><![endif]>",
        "<!--[if mso]><table><tr><td><![endif]--><p>x</p><!--[if mso]></td></tr></table><![endif]-->",
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd"><html xmlns:v="urn:x"><p>&nbsp;&copy;&#8199;</p></html>',
        "<?xml version='1.0'?><P CLASS=a\n id='b'>x<br/><BR></P>",
        "<p title='a \"b\" &amp; c'>x</p><p style=''>y</p><p STYLE='margin:0'>z</p><p style=margin:0>q</p><p style>r</p>",
        '<p>{{name|"you" & <me>}}</p><p class="{{x}}">y</p><p style="margin:{{m}}">z</p>',
        "<p>\u00fc \U0001f3f3\ufe0f\u200d\U0001f308</p>\r\n\r\n<p>x</p>\r\n",
    ],
)
def test_inlining_changes_nothing_but_styles(body: str) -> None:
    page = f"<style>p{{color:#111}}</style>{body}"

    styled, warning = inlined(page, is_template=True)

    assert (STYLE_ATTRIBUTE.sub("", styled), warning) == (STYLE_ATTRIBUTE.sub("", page), "")
    assert len(re.findall(r"<p [^>]*style=[^>]*color: #111", styled, re.IGNORECASE)) == len(re.findall(r"<p[ >]", body, re.IGNORECASE))


@pytest.mark.parametrize(
    "conditional",
    [
        "@media (prefers-color-scheme: dark){p{color:#eee}}",
        "@media (max-width: 600px){.a{color:#eee;margin:0}}",
        "@media screen{@media (min-width: 1px){div > p{color:#eee}}}",
        "@supports (color: red){p{color:#eee}}",
        "p:hover{color:#eee}",
        "p.a:first-child:active{color:#eee}",
    ],
)
def test_inlining_leaves_properties_to_rules_for_some_conditions(conditional: str) -> None:
    page = f"<style>p{{color:#111;padding:1px}}{conditional}</style><div><p class=a>x</p></div>"

    styled, _ = inlined(page, is_template=False)

    assert styled == page.replace("<p class", '<p style="padding: 1px;" class')


@pytest.mark.parametrize(
    ("css", "style"),
    [
        ("p{color:#111}@media print{p{color:#eee!important}}", "color: #111;"),
        ("p{color:#111!important}@media print{p{color:#eee}}", None),
        ("p{color:#111}@media print{b{color:#eee}}", "color: #111;"),
        ("p{border:1px solid red;margin:0}@media print{p{border-color:blue}}", "margin: 0;"),
        ("p{border-color:red}@media print{p{border:0}}", None),
        ("p{line-height:2}@media print{p{font:12px x}}", None),
        ('p{font-family:"Segoe UI"}', "font-family: &quot;Segoe UI&quot;;"),
    ],
)
def test_inlining_follows_the_cascade(css: str, style: str | None) -> None:
    styled, _ = inlined(f"<style>{css}</style><p>x</p>", is_template=False)

    assert styled.partition("</style>")[2] == ("<p>x</p>" if style is None else f'<p style="{style}">x</p>')


@pytest.mark.parametrize("media", ["print", "(max-width: 600px)", "not all"])
def test_inlining_leaves_sheets_for_other_media_alone(media: str) -> None:
    page = f'<style media="{media}">p{{color:red}}</style><p>x</p>'

    assert inlined(page, is_template=False) == (page, "")


@pytest.mark.parametrize("count", [1_000, 3_000])
@pytest.mark.parametrize("rule", ['p{{font-family:"{}"}}', ".a{{content:'{}'}}", "[class]{{x:{}}}", ":not(b){{x:{}}}", "p:hover{{{}:1}}"])
def test_inlining_is_refused_where_the_page_would_become_too_large(rule: str, count: int) -> None:
    page = f"<style>{rule.format('a' * 90_000)}</style>" + "<p class=a>x</p>" * count

    styled, warning = inlined(page, is_template=False)

    assert (styled == page, warning) == (True, "The styles are not inlined: the page would become too large")


HIDDEN = [
    *('<div style="display:none">{}</div>', "<div hidden>{}</div>", "<div style='visibility: hidden'><p>{}</p></div>", "<title>{}</title>"),
    *(
        '<p style="font-size:0">{}</p>',
        '<p style="DISPLAY:/**/NONE">{}</p>',
        '<p style="opacity:0;color:red">{}</p>',
        "<textarea>{}</textarea>",
    ),
    *(
        '<p style="max-height:0;overflow:hidden">{}</p>',
        '<p style="mso-hide:all">{}</p>',
        "<style>.h{{display:none}}</style><p class=h>{}</p>",
    ),
    *('<p style="dis\\play:none">{}</p>', "<!-- {} -->", "<template>{}</template>", '<p style="text-indent:-9999px">{}</p>'),
]
TAG = "{{unsubscribe_url}}"
LINK = f'<a href="{TAG}">leave</a>'
SEEN = [
    "<p>{}</p>",
    '<td style="font-size:0px"><div style="font-size:13px">{}</div></td>',
    "<div><br>{}",
    "<p style='color:#333'><b>{}</b></p>",
]


def unsubscribe_links(page: str) -> int:
    made = marketing.bodies(page, "text", is_template=True, urls=())
    assert made.html is not None
    return sum(part == Slot("unsubscribe") for part in made.html.parts)


@pytest.mark.parametrize(("around", "link"), list(product(HIDDEN, (TAG, LINK))))
def test_bodies_add_a_footer_where_the_link_is_hidden(around: str, link: str) -> None:
    assert unsubscribe_links(around.format(link)) == 2


@pytest.mark.parametrize(
    "link",
    [
        f'<a href="{TAG}"></a>',
        f'<a href="{TAG}">&nbsp;&#8203;</a>',
        f'<img alt="{TAG}">',
        f'<p title="{TAG}">x</p>',
        f'<a href="{TAG}"><img src=x width=1 height=1></a>',
        f'<a href="{TAG}"><span style="display:none">x</span></a>y',
    ],
)
def test_bodies_add_a_footer_where_the_link_shows_nothing(link: str) -> None:
    assert unsubscribe_links(link) == 2


@pytest.mark.parametrize(("around", "link"), list(product(SEEN, (TAG, LINK, f'<a href="{TAG}"><img src=x></a>'))))
def test_bodies_add_no_footer_where_the_link_is_seen(around: str, link: str) -> None:
    assert unsubscribe_links(around.format(link)) == 1


@pytest.mark.parametrize(
    ("page", "closing"),
    [
        ('<div style="display:none"><p>x', "</p></div>"),
        ("<textarea>", "</textarea>"),
        ("<!-- x", "-->"),
        ('<a href="', "'\">"),
        ("<p title='", "'\">"),
        ("<p>x", ""),
    ],
)
def test_bodies_put_the_footer_where_nothing_hides_it(page: str, closing: str) -> None:
    made = marketing.bodies(page, "text", is_template=True, urls=None)

    assert made.html is not None
    assert str(made.html.parts[0]).startswith(f'{page}{closing}<p style="display:block!important')


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        ("a < b<i>x</i>", ["start", "end"]),
        ("a<é<i>x</i>", ["start", "end"]),
        ("<", []),
        ("a<é", []),
        ("é<i", ["unclosed"]),
        ("a <i", ["unclosed"]),  # it takes the rest of the page
    ],
)
def test_tags_begin_with_a_letter(page: str, kinds: list[str]) -> None:
    assert [tag.kind for tag in tags(page)] == kinds


def test_plain_text_of_a_page_with_words_like_its_own_marks() -> None:
    assert plain_text("<p>mmx0y mmxx1y {{name}} mmxxx2y</p>", is_template=True) == "mmx0y mmxx1y {{name}} mmxxx2y"


@pytest.mark.parametrize("page", ["<p>a</p>" + " " * 200_000, "<table>" + "<tr><td>a</td></tr>" * 1_100 + "</table>"])
def test_plain_text_is_not_made_of_pages_that_would_take_too_much_memory(page: str) -> None:
    assert plain_text(page, is_template=False) is None


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<!--[if mso]>{{first_name}}<![endif]--><p>Hi {{first_name}}</p>", "Hi {{first_name}}"),
        ("<!-- {{#x}} --><p>Hi</p>", "Hi"),
        ('<p>A<a href="https://b.example/"><img src=x></a>B</p>', "Ahttps://b.example/ B"),
        ('<p><a href="https://b.example/"><img src=x alt="The shop"></a></p>', "[The shop](https://b.example/)"),
        ('<p><a href="https://b.example/"><img src=x alt="{{name}}"></a></p>', "[{{name}}](https://b.example/)"),
        ('<p><a href="{{url}}"> </a></p>', "{{url}}"),
        ('<p><a href="{{url}}">{{name}}</a> {{x}}</p>', "[{{name}}]({{url}}) {{x}}"),
        ('<p>{{#x}}<a href="{{url}}">{{name}}</a>{{/x}}</p>', "{{#x}}[{{name}}]({{url}}){{/x}}"),
        ('<p><a href="https://b.example/"></a><a href="https://c.example/"></a></p>', "https://b.example/ https://c.example/"),
    ],
)
def test_plain_text_has_the_text_that_a_reader_sees(page: str, text: str) -> None:
    assert plain_text(page, is_template=True) == text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("<i>", "</b>"), ("<i>", "</body>"), (LINK, "</b>"), (f'<a href="{TAG}">', "<i></i>"), (f'<a href="{TAG}"></a>', "<p>x</p>")),
        *(("<p style='display:none'>", TAG), ("<style>", "</style>"), ("<title>", "<body></body>"), ("<!--", "-->"), ("<p a='", ">")),
        *(("<div>", "</div>"), ("<a href=https://a.example/>", "</a>"), ("{{#x}}", "{{/x}}"), ("<b {{#x}}", "{{/x}}>")),
    ],
)
def test_bodies_take_hostile_pages_in_linear_time(first: str, second: str) -> None:
    count = 120_000 // (len(first) + len(second))

    for page in (first * count + second * count, (first + second) * count):
        try:
            marketing.bodies(page, "text", is_template=True, urls=marketing.links(page, is_template=True))
        except TemplateError:
            continue


def test_size_check_reports_styles_that_are_not_inlined() -> None:
    preview = Preview(StoredMessage("msg_1", MailAddress("a@b.example"), (), "Hi", 0, html="x" * 110_000), style_warning="Too large")

    (size,) = [result for result in check(CheckedMail(preview, is_marketing=True)) if result.check == "size"]

    assert size == ("size", "warning", "The HTML has 110,000 bytes; Gmail hides what is beyond 102,000; Too large")
