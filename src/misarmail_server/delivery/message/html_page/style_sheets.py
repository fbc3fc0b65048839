"""Style sheets in rules: those that always apply, and those that apply under conditions (`@media`, `:hover`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import tinycss2

# Words of selectors that depend on the reader. Other pseudo-classes depend on the page alone.
DYNAMIC = re.compile(
    r":(?:hover|active|focus(?:-within|-visible)?|visited|link|any-link|target|checked|enabled|disabled|valid|invalid|fullscreen)(?![\w-])",
    re.IGNORECASE,
)
LAST_COMPOUND = re.compile(r"[^\s>+~]+$")
SIMPLE = re.compile(r"([.#]?)([A-Za-z_][\w-]*)")
ALWAYS = frozenset({"", "all", "screen"})
IMPORTANT = "mm-important-"  # begins the names of important properties in a sheet of conditional rules
GROUPED = (frozenset({"font", "line-height"}),)


class Declaration(NamedTuple):
    """`color: red !important`; the name is in lower case."""

    name: str
    value: str
    is_important: bool

    def hides(self, conditional: Declaration) -> bool:
        """Whether this declaration in an attribute would win against one of a sheet that sets the same property."""
        is_important = conditional.name.startswith(IMPORTANT)
        other = conditional.name.removeprefix(IMPORTANT)
        is_same = self.name == other or self.name.startswith(f"{other}-") or other.startswith(f"{self.name}-") or other == "all"
        return (is_same or {self.name, other} in GROUPED) and (self.is_important or not is_important)


class StyleRule(NamedTuple):
    """`keys` has for each selector the tag, `.class` or `#id` of the elements that it can match, None for any; `length` is of the text."""

    selectors: str
    body: str
    keys: tuple[str | None, ...]
    length: int

    @property
    def css(self) -> str:
        """The rule in a sheet."""
        return f"{self.selectors}{{{self.body}}}"


class Sheets(NamedTuple):
    """The rules of a page's sheets. The bodies of conditional rules have names only."""

    rules: tuple[StyleRule, ...]
    conditional: tuple[StyleRule, ...]

    @property
    def css(self) -> str:
        """The rules that always apply, as a sheet."""
        return "".join(rule.css for rule in self.rules)

    @property
    def conditional_css(self) -> str:
        """The other rules, as a sheet without conditions."""
        return "".join(rule.css for rule in self.conditional)


def read_sheets(sheets: Iterable[tuple[str, str]]) -> Sheets:
    """Read the (media, source) of a page's sheets."""
    rules: list[StyleRule] = []
    conditional: list[StyleRule] = []
    for media, source in sheets:
        nodes = tinycss2.parse_stylesheet(source.replace("<!--", "").replace("-->", ""), skip_comments=True, skip_whitespace=True)
        for rule, is_conditional in _rules(nodes, is_conditional=media not in ALWAYS):
            selectors = tinycss2.serialize(rule.prelude).strip()
            if not is_conditional and (plain := _without(selectors, is_dynamic=True)):
                rules.append(_rule(plain, tinycss2.serialize(rule.content).strip()))
            dynamic = selectors if is_conditional else _without(selectors, is_dynamic=False)
            if dynamic:
                conditional.append(_rule(DYNAMIC.sub("", dynamic) or "*", _names(rule.content)))
    return Sheets(tuple(rules), tuple(conditional))


def declarations(style: str) -> tuple[Declaration, ...]:
    """The declarations of a `style` attribute in order."""
    nodes = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
    return tuple(_declarations(nodes))


def _rules(nodes: Iterable[Any], *, is_conditional: bool) -> Iterator[tuple[Any, bool]]:
    """(rule, whether it is conditional), also of the rules in at-rules. Open at-rules are a list, not a call stack."""
    open_ = [(node, is_conditional) for node in reversed(list(nodes))]
    while open_:
        node, is_within = open_.pop()
        if node.type == "qualified-rule":
            yield node, is_within
        elif node.type == "at-rule" and node.content is not None and node.lower_at_keyword in {"media", "supports", "container", "layer"}:
            within = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            open_ += [(inner, True) for inner in reversed(within)]


def _without(selectors: str, *, is_dynamic: bool) -> str:
    """The selectors that depend on the reader, or the others."""
    return ",".join(selector for selector in _split(selectors) if bool(DYNAMIC.search(selector)) is not is_dynamic)


def _split(selectors: str) -> list[str]:
    """The selectors between commas, also those within `:is(a, b)`, which only makes a bound larger."""
    return selectors.split(",") if "(" not in selectors and "[" not in selectors else [selectors]


def _rule(selectors: str, body: str) -> StyleRule:
    return StyleRule(selectors, body, tuple(map(_key, _split(selectors))), len(body) + 9)


def _key(selector: str) -> str | None:
    """The tag, class or id without which no element matches a selector; None if there is none."""
    compound = None if "(" in selector or "[" in selector or "\\" in selector else LAST_COMPOUND.search(selector.strip())
    simple = compound and SIMPLE.match(compound[0])
    if not simple:
        return None
    return f"{simple[1]}{simple[2]}" if simple[1] else simple[2].lower()


def _names(content: Any) -> str:
    nodes = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return ";".join(f"{IMPORTANT if declaration.is_important else ''}{declaration.name}:x" for declaration in _declarations(nodes))


def _declarations(nodes: Iterable[Any]) -> Iterator[Declaration]:
    for node in nodes:
        if node.type == "declaration":
            yield Declaration(node.lower_name, tinycss2.serialize(node.value).strip(), node.important)
