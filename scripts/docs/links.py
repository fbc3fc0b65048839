#!/usr/bin/env python3
"""Check links: those of the Markdown files as GitHub resolves them, and those of the built site, which must work without a network.

A module that a page names in code, such as `services/send.py`, must exist too.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from typing_extensions import override

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
CODE = re.compile(r"^(```+).*?^\1|`[^`\n]+`|<!--.*?-->", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\]\([^)]*\))*\]\(([^()\s]+)\)")
MODULE = re.compile(r"`([\w./-]+\.(?:py|yaml|toml))`")
SOURCES = ("", "docs", "src", "src/misarmail_server", "src/contract", "generated/misarmail_contract")
LOADED = {"script", "img", "iframe", "source", "audio", "video", "object", "embed"}  # elements whose address the browser fetches
LOADED_RELATIONS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "manifest"}


def main() -> int:
    """1 when a link is broken."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    problems = [problem for page in pages for problem in in_markdown(page)]
    problems += [problem for page in sorted(SITE.rglob("*.html")) for problem in in_html(page)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def in_markdown(page: Path) -> Iterator[str]:
    """The broken links of a Markdown file, as `file:line: sentence`."""
    text = page.read_text()
    blanked = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
    for link in LINK.finditer(blanked):
        problem = broken(page, link[1])
        if problem:
            yield f"{page.relative_to(ROOT)}:{line(blanked, link)}: {link[1]}: {problem}"
    for module in MODULE.finditer(text):
        if "/" in module[1] and not any((ROOT / source / module[1]).exists() for source in SOURCES):
            yield f"{page.relative_to(ROOT)}:{line(text, module)}: {module[1]}: there is no such file"


def line(text: str, match: re.Match[str]) -> int:
    """The number of the line of a match."""
    return text.count("\n", 0, match.start()) + 1


def broken(page: Path, target: str) -> str:
    """Why a link of a Markdown file is broken; an empty text if it is not."""
    parts = urlsplit(target)
    if parts.scheme:
        return ""
    file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not file.is_relative_to(ROOT) or not file.exists():
        return "there is no such file"
    if parts.fragment and parts.fragment not in anchors(file):
        return "there is no such heading"
    return ""


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a Markdown file."""
    text = re.sub(r"^(```+).*?^\1", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    slugs = Counter[str]()
    names = set()
    for heading in HEADING.findall(text):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        names.add(f"{slug}-{slugs[slug]}" if slugs[slug] else slug)
        slugs[slug] += 1
    return names


class _Page(HTMLParser):
    """The addresses that a page links to or loads, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        is_loaded = tag in LOADED or (tag == "link" and LOADED_RELATIONS & set(values.get("rel", "").split()))
        (self.loaded if is_loaded else self.links).extend(values[name] for name in ("href", "src", "data") if name in values)


def in_html(page: Path) -> Iterator[str]:
    """The problems of a page of the site: files loaded from the network, and broken links."""
    parsed = _Page(page.read_text())
    for address in parsed.loaded:
        if urlsplit(address).netloc:
            yield f"{page.relative_to(ROOT)}: {address}: loaded from the network"
    for address in (*parsed.links, *parsed.loaded):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or page.name == "404.html":  # which is served at any address
            continue
        file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not file.exists():
            yield f"{page.relative_to(ROOT)}: {address}: there is no such file"
        elif parts.fragment and file.suffix == ".html" and unquote(parts.fragment) not in _Page(file.read_text()).anchors | {"__skip"}:
            yield f"{page.relative_to(ROOT)}: {address}: there is no such anchor"


if __name__ == "__main__":
    sys.exit(main())
