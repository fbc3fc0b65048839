"""New resources: the sent fields, defaults for missing ones, the example's values for fields that the server sets, and a new id."""

from __future__ import annotations

import re
import time
from typing import Any

from contract.example_values import MAX_OPTIONAL_DEPTH, merge
from contract.mocking.envelopes import ResponsePart, accepts_null
from contract.openapi.references import Json

CREATED = re.compile(r"_?(created|inserted)(_?(at|on|date|time))?", re.IGNORECASE)
UPDATED = re.compile(r"_?(last_?)?(updated|modified)(_?(at|on|date|time))?", re.IGNORECASE)
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d.*")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NUMBERED = re.compile(r"(.*?)(\d{1,15})")
HEXADECIMAL = re.compile(r"[0-9a-f_-]*")
UUID_TAIL_DIGITS = 12  # hexadecimal digits after a UUID's last hyphen
LETTERS, DIGITS, HEX_LETTERS = "abcdefghijklmnopqrstuvwxyz", "0123456789", "abcdef"


def new_resource(sent: Json, writable: Json, item: ResponsePart) -> Json:
    """A resource like the item. `writable` are the schemas of the fields that a request may set."""
    sample = item.example if isinstance(item.example, dict) else {}
    value = {}
    for name in item.names:
        if name in sent:
            value[name] = with_required(sent[name], item.member(name))
        elif name in writable:
            value |= _missing_field(name, writable[name], item, sample)
        elif name in sample:
            value[name] = sample[name]
    return with_timestamps(value if item.names else {**sample, **sent}, CREATED, UPDATED)


def _missing_field(name: str, schema: Any, item: ResponsePart, sample: Json) -> Json:
    """The value of a field that was not sent: its default, null, empty, or the example's if it is required."""
    for merged in (merge(item.bundle, schema), merge(item.bundle, item.properties.get(name))):
        if "default" in merged:
            return {name: merged["default"]}
    if accepts_null(item.bundle, item.properties.get(name)):
        return {name: None}
    if isinstance(sample.get(name), list | dict):
        return {name: type(sample[name])()}
    return {name: sample[name]} if name in sample and name in item.schema.get("required", ()) else {}


def with_required(value: Any, part: ResponsePart, depth: int = 0) -> Any:
    """The sent value with missing required properties from the example, in nested objects as well."""
    if depth > MAX_OPTIONAL_DEPTH:
        return value
    if isinstance(value, list):
        return [with_required(item, part.element(index), depth + 1) for index, item in enumerate(value)]
    if not isinstance(value, dict) or not part.properties:
        return value
    return part.required({name: with_required(item, part.member(name), depth + 1) for name, item in value.items()})


def patched(resource: Json, sent: Json, item: ResponsePart) -> Json:
    """A resource after a merge patch (RFC 7396). Null stays if the schema accepts it."""
    accepted = {name: value for name, value in sent.items() if name in item.properties or not item.properties}
    result = dict(resource)
    for name, value in accepted.items():
        if value is None and not accepts_null(item.bundle, item.properties.get(name)):
            result.pop(name, None)
        else:
            result[name] = with_required(merge_patch(result.get(name), value), item.member(name))
    return with_timestamps(result, UPDATED)


def merge_patch(value: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(value) if isinstance(value, dict) else {}
    for name, member in patch.items():
        if member is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), member)
    return merged


def with_timestamps(resource: Json, *names: re.Pattern[str]) -> Json:
    """The resource with the current time in those of the named fields that hold a time."""
    now = time.gmtime()
    for name, value in resource.items():
        if isinstance(value, str) and any(pattern.fullmatch(name) for pattern in names):
            if DATE_TIME.fullmatch(value):
                resource[name] = time.strftime("%Y-%m-%dT%H:%M:%SZ", now)
            elif DATE.fullmatch(value):
                resource[name] = time.strftime("%Y-%m-%d", now)
    return resource


def next_ids(example: Any, count: int) -> list[Any]:
    """Ids of the example's form, different for each count, the most likely first; empty if the example has no known form."""
    if isinstance(example, bool) or not isinstance(example, str | int | float):
        return []
    if not isinstance(example, str):
        return [example + count]
    if UUID.fullmatch(example):
        return [
            f"{example[:-UUID_TAIL_DIGITS]}{(int(example[-UUID_TAIL_DIGITS:], 16) + count) % 16**UUID_TAIL_DIGITS:0{UUID_TAIL_DIGITS}x}"
        ]
    numbered = NUMBERED.fullmatch(example)
    incremented = [f"{numbered[1]}{int(numbered[2]) + count:0{len(numbered[2])}}"] if numbered else []
    return [*incremented, _increment(example, count)]


def _increment(example: str, count: int) -> str:
    """The last characters incremented within their alphabets, like an odometer: `5f9a` -> `5f9b`."""
    letters = HEX_LETTERS if HEXADECIMAL.fullmatch(example) else LETTERS
    characters = list(example)
    for index in range(len(characters) - 1, -1, -1):
        alphabet = next((alphabet for alphabet in (DIGITS, letters, letters.upper()) if characters[index] in alphabet), None)
        if alphabet is not None:
            count, position = divmod(alphabet.index(characters[index]) + count, len(alphabet))
            characters[index] = alphabet[position]
        if not count:
            break
    return "".join(characters)
