"""Mail addresses in hostile text: extracted, cleaned and bounded."""

from __future__ import annotations

import re

MAX_LENGTH = 320
MAX_COUNT = 200
ADDRESS = re.compile(r"[^\s<>\"'()\[\]:;,\\|=?*`/@]{1,64}(?:=[^\s<>\"'()\[\]:;,@]{1,64})?@[^\s<>\"'()\[\]:;,\\|?*`@]{1,255}")
QUOTED = re.compile(r"\"[^\"\s@]{1,64}\"@[^\s<>\"'()\[\]:;,@]{1,255}")
ANGLED = re.compile(r"<([^<>\s]{1,254}@[^<>\s@]{1,255})>")


def first_address(text: str) -> str:
    """The first address in a text, empty if there is none. One in angle brackets takes precedence."""
    text = text[:2000]
    match = ANGLED.search(text)
    if match:
        return tidy(match[1])
    bare = QUOTED.search(text) or ADDRESS.search(text)
    return tidy(bare[0]) if bare else ""


def only_address(text: str) -> str:
    """The address in a field that holds only an address and possibly a comment after it."""
    word = text.strip().partition(" ")[0]
    return first_address(text) if "<" in word else tidy(word) or first_address(text)


def all_addresses(text: str) -> list[str]:
    """All addresses in a text, each once, in order."""
    tidied = dict.fromkeys(tidy(match[0]) for match in ADDRESS.finditer(text[:20_000]))
    return [address for address in tidied if address][:MAX_COUNT]


def tidy(text: str) -> str:
    """The address without surrounding characters, empty if it is not an address."""
    bare = text.strip().strip("<>\"'").removeprefix("mailto:").rstrip(".").strip()
    local, _, domain = bare.rpartition("@")
    return bare if local and domain and len(bare) <= MAX_LENGTH and not any(character.isspace() for character in bare) else ""
