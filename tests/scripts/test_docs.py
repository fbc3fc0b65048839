from __future__ import annotations

from pathlib import Path

import pytest

from misarmail_server.settings import declarations
from scripts.docs import links, settings_page

ROOT = Path(__file__).parents[2]


def test_settings_page_is_the_one_that_the_declarations_give() -> None:
    assert settings_page.PAGE.read_text() == settings_page.page()


def test_every_setting_has_a_meaning() -> None:
    assert [declared.variable for declared in declarations().values() if not declared.meaning.endswith(".")] == []


def test_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("docs/sending.md", ""),
        ("docs/sending.md#sending-by-smtp", ""),
        ("#two-commands", ""),
        ("https://example.com/nowhere", ""),
        ("docs/nothing.md", "there is no such file"),
        ("docs/sending.md#nothing", "there is no such heading"),
        ("../outside.md", "there is no such file"),
    ],
)
def test_link_of_a_markdown_file_is_checked(target: str, problem: str) -> None:
    assert links.broken(ROOT / "README.md", target) == problem


def test_site_that_loads_from_the_network_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(links, "ROOT", tmp_path)
    page = tmp_path / "a.html"
    page.write_text(
        '<script src="https://cdn.example.com/a.js"></script><a href="b.html">b</a><a href="#c">c</a><a href="https://d.example">d</a>'
    )

    assert list(links.in_html(page)) == [
        "a.html: https://cdn.example.com/a.js: loaded from the network",
        "a.html: b.html: there is no such file",
        "a.html: #c: there is no such anchor",
    ]
