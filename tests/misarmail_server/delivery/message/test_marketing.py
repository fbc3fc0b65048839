"""The additions to marketing mail, and that the unsubscribe link cannot be omitted."""

from __future__ import annotations

import re

import pytest

from misarmail_server.delivery.message import marketing
from misarmail_server.delivery.message.html_page.inlining import inlined
from misarmail_server.delivery.message.template import CompiledTemplate, Slot, TemplateTag

UNSUBSCRIBE = Slot("unsubscribe")
SLOTS = {"unsubscribe": "https://mail.example/u/1", "open": "https://mail.example/t/o/1.gif", **{f"click{n}": f"[{n}]" for n in range(500)}}


def filled(template: CompiledTemplate[str] | None, values: object = None) -> str:
    assert template is not None
    return "".join(template.pieces(values, str, escape=str, limit=1_000_000, slots=SLOTS))


def page_of(html: str, *, is_template: bool = True, is_tracked: bool = True) -> tuple[str, tuple[str, ...]]:
    urls = marketing.links(html, is_template=is_template) if is_tracked else None
    made = marketing.bodies(html, "text", is_template=is_template, urls=urls)
    return filled(made.html, {"url": "https://shop.example/mine"}), urls or ()


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://shop.example/a?b=1&amp;c=2">',
        "<A class='x' HREF='https://shop.example/a?b=1&amp;c=2' id=y>",
        "<area data-x=1 href=https://shop.example/a?b=1&amp;c=2>",
        '<a\nhref = " https://shop.example/a?b=1&c=2 "/>',
        '<a {{#x}}class="y"{{/x}} href="https://shop.example/a?b=1&amp;c=2">',
    ],
)
def test_bodies_track_links_to_the_web(link: str) -> None:
    page, urls = page_of(link + "shop</a>")

    assert urls == ("https://shop.example/a?b=1&c=2",)
    assert "[0]" in page
    assert "shop.example" not in page


@pytest.mark.parametrize(
    "href",
    ['"mailto:a@example.com"', '"#top"', '"/relative"', '"javascript:x"', '"{{url}}"', '"https://{{url}}"', '"https://a b"', '""', '"x" "'],
)
def test_bodies_leave_other_links_alone(href: str) -> None:
    page, urls = page_of(f"<a href={href}>there</a><p href='https://shop.example'></p><abbr href='https://shop.example'></abbr>")

    assert urls == ()
    assert "[" not in page


def test_bodies_number_each_url_once_and_track_only_so_many() -> None:
    links = "".join(f'<a href="https://shop.example/{number // 2}">x</a>' for number in range(1200))

    page, urls = page_of(links)

    assert urls == tuple(f"https://shop.example/{number}" for number in range(500))
    assert page.count("[7]") == 2
    assert 'href="https://shop.example/500"' in page


def test_bodies_put_the_pixel_at_the_end_of_the_page_and_only_where_it_is_tracked() -> None:
    assert page_of("<body><p>Hi</p></BODY></html>")[0].endswith('alt="" style="border:0"></BODY></html>')
    page, urls = page_of('<a href="https://shop.example">x</a>', is_tracked=False)
    assert (urls, "t/o/1.gif" in page, "https://shop.example" in page) == ((), False, True)


@pytest.mark.parametrize(
    ("html", "has_footer"),
    [
        ('<a href="{{unsubscribe_url}}">leave</a>', False),
        ('<a href="{{{ unsubscribe_url }}}">leave</a>', False),
        ("<p>Hi</p>", True),
        ('<!-- <a href="{{unsubscribe_url}}">leave</a> -->', True),
        ('<!-- <a href="{{unsubscribe_url}}">leave</a>', True),
        ("<body>Hi<!-- </body> -->", True),
        ('{{#never}}<a href="{{unsubscribe_url}}">leave</a>{{/never}}', True),
        ("{{unsubscribe_url.x}} {{! unsubscribe_url }}", True),
        ("\ufdd0unsubscribe\ufdd1", True),
    ],
)
def test_bodies_add_a_way_to_unsubscribe_where_it_is_not_in_plain_sight(html: str, has_footer: bool) -> None:
    page, _ = page_of(html)

    assert "https://mail.example/u/1" in re.sub("<!--.*?-->", "", page)
    assert (">Unsubscribe</a>" in page) is has_footer


def test_bodies_fill_only_the_way_to_unsubscribe_in_what_is_no_template() -> None:
    made = marketing.bodies("<p>{{name}} {{#x}} {{ unsubscribe_url }}</p>", "{{name}}", is_template=False, urls=None)

    assert filled(made.html) == "<p>{{name}} {{#x}} https://mail.example/u/1</p>"
    assert filled(made.text) == "{{name}}\n\n-- \nUnsubscribe: https://mail.example/u/1\n"


def test_bodies_make_a_text_of_a_page_without_one() -> None:
    html = '<html><head><title>T</title></head><body><h1>Hi {{name|you}}</h1><p>Our <a href="https://shop.example/">shop</a>{{#x}}!{{/x}}</p></body></html>'

    made = marketing.bodies(html, None, is_template=True, urls=())

    assert filled(made.text, {"x": True}) == (
        "Hi you\n\nOur [shop](https://shop.example/)!\n\n-- \nUnsubscribe: https://mail.example/u/1\n"
    )
    assert made.text is not None
    assert TemplateTag(("name",), "you", is_raw=False, whole=("name|you",)) in made.text.parts


def test_bodies_make_no_text_where_its_tags_would_be_out_of_place() -> None:
    made = marketing.bodies("<table>{{#rows}}<tr><td>{{.}}</td></tr>{{/rows}}</table>", None, is_template=True, urls=())

    assert made.text is None
    assert "<td>1</td>" in filled(made.html, {"rows": [1]})


STYLE = "<style>p{color:red}</style>"


def test_styles_stand_on_the_elements_and_merge_tags_where_they_were() -> None:
    page = STYLE + '<p>Hi {{name|"you" & <me>}} <a title="{{x}}">y</a></p><table>{{#rows}}<tr><td>{{.}}</td></tr>{{/rows}}</table>'

    styled, _ = inlined(page, is_template=True)

    assert '<p style="color: red;">Hi {{name|"you" & <me>}} <a title="{{x}}">y</a></p>' in styled
    assert "{{#rows}}" in styled.partition("<table>")[2].partition("<tr>")[0]


@pytest.mark.parametrize(
    "page",
    [
        "<p>no styles</p>",
        STYLE + "<p><b>badly</p> nested</b>",
        STYLE + "<div>" * 100_000,
        STYLE + "<div>" * 201 + "</div>" * 201,
        STYLE + "<i>" * 11 + "</i>" * 11,
        "<style>p{color:{{colour}}}</style><p>a tag that is lost</p>{{",
        "<style>" + ":not(" * 10_000 + "</style><p>x</p>",
        STYLE + "<p {{#x}}class=a{{/x}}>y</p>",
        "<style>" + "p{color:red}" * 20_000 + "</style>",
    ],
)
def test_styles_stay_where_they_are_when_the_effect_is_unclear(page: str) -> None:
    assert inlined(page, is_template=True).page == page


@pytest.mark.parametrize(
    "unit", ["<a ", '<a href="', "<a '", "<!--", "<div>", "{{x}}<p>", "<p {{x}}>", "<b>", "</b>", '"', "<style>", "<tr>"]
)
def test_bodies_take_hostile_pages(unit: str) -> None:
    made = marketing.bodies(unit * (150_000 // len(unit)), None, is_template=True, urls=())

    assert made.html is not None
    assert UNSUBSCRIBE in made.html.parts
