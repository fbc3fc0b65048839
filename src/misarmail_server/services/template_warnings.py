"""Warnings about merge tags that look like mistakes: the text is accepted, and such a tag renders as nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from msgspec import UNSET, UnsetType
from sqlalchemy import select

from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.delivery.message import template_tokens
from misarmail_server.delivery.message.template import TemplateTag, compile_template
from misarmail_server.delivery.message.template_scope import Scope, field_name, normal
from misarmail_server.delivery.message.template_tokens import TemplateError, Token

STANDARD = ("email", "first_name", "last_name", "phone", "company", "company_name", "timezone", "locale", "unsubscribe_url")
MAX_WARNINGS = 20
MAX_NAME_LENGTH = 80  # of a name in a sentence


def of_texts(ctx: Context, texts: Iterable[str]) -> list[str] | UnsetType:
    """A sentence for each tag that names no field of the contacts; UNSET if there is none."""
    names = dict.fromkeys(name for text in texts for name in _outer_names(text))
    unknown = [path for path in names if normal(".".join(field_name(path))) not in STANDARD]
    if not unknown:
        return UNSET
    field = tables.ContactField
    known = [*STANDARD, *ctx.connection.scalars(select(field.name).where(field.account_id == ctx.account_id))]
    normals = {normal(name): name for name in known}
    sentences = [_sentence(path, normals) for path in unknown if normal(".".join(field_name(path))) not in normals]
    return sentences[:MAX_WARNINGS] or UNSET


def of_rendering(texts: Iterable[str], values: Mapping[str, Any]) -> list[str] | UnsetType:
    """A sentence for each tag outside of sections that has neither a value nor a default; UNSET if there is none."""
    scope = Scope(values)
    empty = dict.fromkeys(tag.path for text in texts for tag in _outer_tags(text) if not tag.default and not _has_value(scope, tag))
    return [f"{_written(path)} has no value" for path in empty][:MAX_WARNINGS] or UNSET


def _outer_names(text: str) -> Iterator[tuple[str, ...]]:
    """The names outside of sections; the elements of a list have other names."""
    depth = 0
    for tag in template_tokens.tags(text):
        if not depth and tag.path and tag.kind != "/" and tag.path != template_tokens.ELEMENT:
            yield tag.path
        depth += _step(tag)


def _step(tag: Token) -> int:
    return (tag.kind in {"#", "^"}) - (tag.kind == "/")


def _outer_tags(text: str) -> list[TemplateTag]:
    try:
        return [part for part in compile_template(text).parts if isinstance(part, TemplateTag) and part.path]
    except TemplateError:
        return []


def _has_value(scope: Scope, tag: TemplateTag) -> bool:
    return scope.look_up(tag.path) is not None or (bool(tag.whole) and scope.look_up(tag.whole) is not None)


def _sentence(path: tuple[str, ...], known: Mapping[str, str]) -> str:
    wanted = normal(".".join(field_name(path))).replace(" ", "_")
    close = get_close_matches(wanted[:MAX_NAME_LENGTH], known, 1, 0.75)
    hint = f"; did you mean {_written((known[close[0]],))}?" if close else ""
    return f"{_written(path)} is not a field of your contacts{hint}"


def _written(path: Sequence[str]) -> str:
    return f"{{{{{'.'.join(path)[:MAX_NAME_LENGTH]}}}}}"
