"""Addresses in hostile text: found, tidied and bounded."""

from __future__ import annotations

import re

MAX_LENGTH = 320
MAX_COUNT = 200
ADDRESS = re.compile(r"[^\s<>\"'()\[\]:;,\\|=?*`/@]{1,64}(?:=[^\s<>\"'()\[\]:;,@]{1,64})?@[^\s<>\"'()\[\]:;,\\|?*`@]{1,255}")
QUOTED = re.compile(r"\"[^\"\s@]{1,64}\"@[^\s<>\"'()\[\]:;,@]{1,255}")
ANGLED = re.compile(r"<([^<>\s]{1,254}@[^<>\s@]{1,255})>")


def first_address(text: str) -> str:
    """The first address in a text, empty where there is none. One in angle brackets goes before."""
    text = text[:2000]
    match = ANGLED.search(text)
    if match:
        return tidy(match[1])
    bare = QUOTED.search(text) or ADDRESS.search(text)
    return tidy(bare[0]) if bare else ""


def only_address(text: str) -> str:
    """The address in a field that holds nothing else but a remark behind it."""
    word = text.strip().partition(" ")[0]
    return first_address(text) if "<" in word else tidy(word) or first_address(text)


def all_addresses(text: str) -> list[str]:
    """All the addresses in a text, each once, in order."""
    found = dict.fromkeys(tidy(one[0]) for one in ADDRESS.finditer(text[:20_000]))
    return [one for one in found if one][:MAX_COUNT]


def tidy(text: str) -> str:
    """The address without what stands around it, empty where it is none."""
    bare = text.strip().strip("<>\"'").removeprefix("mailto:").rstrip(".").strip()
    local, _, domain = bare.rpartition("@")
    return bare if local and domain and len(bare) <= MAX_LENGTH and not any(one.isspace() for one in bare) else ""
