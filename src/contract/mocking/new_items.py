"""A new thing from what was posted: its own fields, defaults for what was left out, the example's for what the server decides, a new id."""

from __future__ import annotations

import re
import time
from typing import Any

from contract.examples import MAX_OPTIONAL_DEPTH, merge
from contract.mocking.shapes import Part, takes_null
from contract.openapi.operations import Json

CREATED = re.compile(r"_?(created|inserted)(_?(at|on|date|time))?", re.IGNORECASE)
UPDATED = re.compile(r"_?(last_?)?(updated|modified)(_?(at|on|date|time))?", re.IGNORECASE)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d.*")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NUMBERED = re.compile(r"(.*?)(\d{1,15})")
HEXADECIMAL = re.compile(r"[0-9a-f_-]*")
TAIL = 12  # hexadecimal digits after a UUID's last hyphen
LETTERS, DIGITS, HEX_LETTERS = "abcdefghijklmnopqrstuvwxyz", "0123456789", "abcdef"


def made(sent: Json, writable: Json, item: Part) -> Json:
    """A thing of the item's kind. `writable` are the schemas of what a request may say of it."""
    sample = item.example if isinstance(item.example, dict) else {}
    found = {}
    for name in item.names:
        if name in sent:
            found[name] = completed(sent[name], item.member(name))
        elif name in writable:
            found |= _left_out(name, writable[name], item, sample)
        elif name in sample:
            found[name] = sample[name]
    return stamped(found if item.names else {**sample, **sent}, CREATED, UPDATED)


def _left_out(name: str, schema: Any, item: Part, sample: Json) -> Json:
    """What becomes of a field that could have been sent: its default, null, nothing at all, or the example's if it must have a value."""
    for one in (merge(item.bundle, schema), merge(item.bundle, item.named.get(name))):
        if "default" in one:
            return {name: one["default"]}
    if takes_null(item.bundle, item.named.get(name)):
        return {name: None}
    if isinstance(sample.get(name), list | dict):
        return {name: type(sample[name])()}
    return {name: sample[name]} if name in sample and name in item.schema.get("required", ()) else {}


def completed(value: Any, here: Part, deep: int = 0) -> Any:
    """What was sent with what an answer shows beside it: the parts of a thing get ids and counts from the example, too."""
    if deep > MAX_OPTIONAL_DEPTH:
        return value
    if isinstance(value, list):
        return [completed(one, here.each(index), deep + 1) for index, one in enumerate(value)]
    if not isinstance(value, dict) or not here.named:
        return value
    return here.required({name: completed(one, here.member(name), deep + 1) for name, one in value.items()})


def changed(thing: Json, sent: Json, item: Part) -> Json:
    """A thing after a merge patch (RFC 7396); null stays where the schema takes it."""
    known = {name: value for name, value in sent.items() if name in item.named or not item.named}
    found = dict(thing)
    for name, value in known.items():
        if value is None and not takes_null(item.bundle, item.named.get(name)):
            found.pop(name, None)
        else:
            found[name] = completed(merge_patch(found.get(name), value), item.member(name))
    return stamped(found, UPDATED)


def merge_patch(value: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    found = dict(value) if isinstance(value, dict) else {}
    for name, one in patch.items():
        if one is None:
            found.pop(name, None)
        else:
            found[name] = merge_patch(found.get(name), one)
    return found


def stamped(thing: Json, *names: re.Pattern[str]) -> Json:
    """The thing with the present time in the fields of such names that hold a time."""
    now = time.gmtime()
    for name, value in thing.items():
        if isinstance(value, str) and any(one.fullmatch(name) for one in names):
            if MOMENT.fullmatch(value):
                thing[name] = time.strftime("%Y-%m-%dT%H:%M:%SZ", now)
            elif DAY.fullmatch(value):
                thing[name] = time.strftime("%Y-%m-%d", now)
    return thing


def advanced(example: Any, count: int) -> list[Any]:
    """Ids of the example's form, others for each count, the likeliest first; none where the example has no form to follow."""
    if isinstance(example, bool) or not isinstance(example, str | int | float):
        return []
    if not isinstance(example, str):
        return [example + count]
    if UUID.fullmatch(example):
        return [f"{example[:-TAIL]}{(int(example[-TAIL:], 16) + count) % 16**TAIL:0{TAIL}x}"]
    ends = NUMBERED.fullmatch(example)
    counted = [f"{ends[1]}{int(ends[2]) + count:0{len(ends[2])}}"] if ends else []
    return [*counted, _counted_on(example, count)]


def _counted_on(example: str, count: int) -> str:
    """The last characters counted on, each within its kind, as an odometer does: `5f9a` -> `5f9b`."""
    letters = HEX_LETTERS if HEXADECIMAL.fullmatch(example) else LETTERS
    found = list(example)
    for index in range(len(found) - 1, -1, -1):
        wheel = next((wheel for wheel in (DIGITS, letters, letters.upper()) if found[index] in wheel), None)
        if wheel is not None:
            count, position = divmod(wheel.index(found[index]) + count, len(wheel))
            found[index] = wheel[position]
        if not count:
            break
    return "".join(found)
