"""Time zones (IANA) and locales (BCP 47) of contacts, in their canonical spelling."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources

import langcodes
from langcodes.tag_parser import LanguageTagError

MAX_SHOWN = 64  # characters of a value in a sentence
NOT_A_PLACE = "Factory"  # of a computer whose zone was never set


@lru_cache(4_096)
def timezone(text: str) -> str:
    """A time zone as the database of IANA spells it. Links such as US/Eastern are kept. Raises ValueError with a sentence."""
    zones = _zones()
    key = text.lower()
    if key in zones:
        return zones[key]
    near = get_close_matches(key, zones, n=1)
    hint = f"; did you mean {zones[near[0]]}?" if near else ""
    raise ValueError(f"{text[:MAX_SHOWN]} is not a time zone such as Europe/Berlin{hint}")


@lru_cache(4_096)
def locale(text: str) -> str:
    """A language tag in its canonical form: `en_us` is `en-US`, `iw` is `he`. Raises ValueError with a sentence."""
    try:
        return langcodes.standardize_tag(text)
    except LanguageTagError:
        raise ValueError(f"{text[:MAX_SHOWN]} is not a language tag such as de or pt-BR") from None


CANONICAL = {"timezone": timezone, "locale": locale}


@cache
def _zones() -> dict[str, str]:
    """The names of the installed `tzdata` by their lower case, the same on every system."""
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return {name.lower(): name for name in names if name != NOT_A_PLACE}
