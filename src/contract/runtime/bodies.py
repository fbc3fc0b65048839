"""Reading a request's body: size, media type, bytes, value, schema, model, in this order, each with its own refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec
from jsonschema_rs import Draft202012Validator

from contract.openapi import aliases
from contract.openapi.operations import Body, Json, escape
from contract.runtime.binding import Signature
from contract.runtime.forms import Form
from contract.runtime.media import essence, is_form, is_structured
from contract.runtime.model_conversion import to_model
from contract.runtime.problems import Problem, malformed
from contract.runtime.validators import Validators
from contract.runtime.violations import problem

LONGEST_LENGTH = 18  # digits of a Content-Length that is a number at all
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
decode_json = msgspec.json.Decoder().decode


class _Content(NamedTuple):
    """A media type whose value is judged: JSON or a form."""

    validator: Draft202012Validator
    fold: aliases.Fold | None
    model: Any


Read = Callable[[bytes, str], tuple[Any, Any]]  # (bytes, Content-Type) -> (value as sent, value as its model)


class Reader:
    """The compiled body of one operation. Media types that are neither JSON nor a form are handed on as bytes."""

    def __init__(self, bundle: Json, body: Body, signature: Signature, validators: Validators) -> None:
        self._bundle = bundle
        self._required = body.required
        self._judged: list[_Content] = []
        self._limits = dict(_limits(body))
        self._media = {essence(written): self._reading(body, written, signature, validators) for written in body.media}
        self._offered = " or ".join(self._media)
        self._absent = next((one for one in self._judged if one.model is not None and one.validator.is_valid({})), None)

    def read(self, environ: Mapping[str, Any], limit: int) -> tuple[Any, Any]:
        """(the value as sent, with aliases folded; the value as its model). Raises Problem 400, 413 or 415."""
        content_type = environ.get("CONTENT_TYPE", "")
        if self._limits:
            limit = self._limits.get(essence(content_type), limit)
        raw = read_bytes(environ, limit)
        if not raw:
            return self._nothing()
        return (self._media.get(content_type) or self._chosen(content_type))(raw, content_type)

    def _reading(self, body: Body, written: str, signature: Signature, validators: Validators) -> Read:
        """What reads one media type."""
        name = essence(written)
        if not is_structured(written):
            return _as_it_is
        model = signature.form if is_form(name) and signature.form is not None else signature.body
        validator = validators.at(f"{body.pointer}/content/{escape(written)}/schema")
        content = _Content(validator, aliases.fold_function(self._bundle, body.media[written]), None if model is bytes else model)
        self._judged.append(content)
        if is_form(name):
            return partial(self._read_form, content, Form(self._bundle, body, written))
        return partial(self._read_json, content)

    def _chosen(self, content_type: str) -> Read:
        """What reads a media type with parameters, or one that a range such as `image/*` covers. Raises Problem 415."""
        name = essence(content_type)
        kind, slash, _ = name.partition("/")
        for known in (name, f"{kind}/*", "*/*") if slash else ():
            read = self._media.get(known)
            if read is not None and (read is _as_it_is or _is_utf8(content_type)):
                return read
        given = _printable(content_type)
        wrong = f", not {given}" if given else "; Content-Type is missing"
        raise Problem(415, "unsupported_media_type", f"The body must be {self._offered}{wrong}")

    def _nothing(self) -> tuple[Any, Any]:
        """No body at all: `{}` where that is allowed, a refusal where a body is required."""
        if self._required:
            raise malformed("A body is required")
        return ({}, to_model({}, self._absent.model)) if self._absent is not None else (None, None)

    def _read_json(self, content: _Content, raw: bytes, _: str) -> tuple[Any, Any]:
        validator, fold, model = content
        try:
            value = decode_json(raw)
            if not validator.is_valid(value):
                raise problem(self._bundle, validator.iter_errors(value))
        except UNREADABLE as error:
            raise _unreadable(error) from error
        if fold is not None:
            fold(value)
        return value, to_model(value, model) if model is not None else value

    def _read_form(self, content: _Content, form: Form, raw: bytes, content_type: str) -> tuple[Any, Any]:
        value, with_files = form.parse(raw, content_type)
        try:
            if not content.validator.is_valid(value):
                raise problem(self._bundle, content.validator.iter_errors(value))
        except ValueError as error:
            raise _unreadable(error) from error
        if content.fold is not None:
            content.fold(value)
        carried = with_files(value)
        return carried, to_model(carried, content.model) if content.model is not None else carried


def _limits(body: Body) -> Iterator[tuple[str, int]]:
    """The media types that say themselves how many bytes they may have (`x-body-limit`), in place of the server's limit."""
    for written in body.media:
        media = body.node["content"][written]
        if "x-body-limit" in media:
            yield essence(written), media["x-body-limit"]


def _as_it_is(raw: bytes, _: str) -> tuple[Any, Any]:
    return raw, raw


def read_bytes(environ: Mapping[str, Any], limit: int) -> bytes:
    """The whole body. Raises Problem 413 when it is longer than `limit` bytes, without reading on, and 400 for a broken length."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced:
        length = _length(announced, limit)
        raw: bytes = environ["wsgi.input"].read(length) if length else b""
        return raw
    if not environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""  # the stream has no end of its own, and reading it would wait for ever
    raw = environ["wsgi.input"].read(limit + 1)
    if len(raw) > limit:
        raise _too_large(limit)
    return raw


def _length(announced: str, limit: int) -> int:
    if not (announced.isascii() and announced.isdigit()):
        raise malformed("Content-Length is not a number")
    if len(announced) > LONGEST_LENGTH or int(announced) > limit:
        raise _too_large(limit)
    return int(announced)


def _unreadable(error: Exception) -> Problem:
    """Why bytes are no JSON (RFC 8259) in UTF-8; NaN, lone surrogates and bottomless nesting are none either."""
    match error:
        case UnicodeDecodeError():
            return malformed("The body is not UTF-8")
        case msgspec.MsgspecError():
            return malformed(f"The body is not valid JSON: {error}")
        case _:  # the decoder's or the validator's own limit
            return malformed("The body is nested too deeply")


def _is_utf8(content_type: str) -> bool:
    _, _, charset = content_type.lower().partition("charset=")
    return not charset or charset.partition(";")[0].strip().strip('"') in {"utf-8", "utf8", "us-ascii"}


def _printable(text: Any) -> str:
    return "".join(character for character in str(text or "")[:100] if character.isprintable())


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {limit} bytes", headers={"Connection": "close"})
