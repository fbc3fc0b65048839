"""Reading a request's body: size, media type, bytes, number of values, value, schema, model, in this order, each with a separate error."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from jsonschema_rs import Draft202012Validator

from contract.openapi import aliases
from contract.openapi.operations import Body, Operation
from contract.openapi.references import Json, escape
from contract.runtime.binding import Signature
from contract.runtime.forms import Form
from contract.runtime.media import essence, is_form, is_structured, ranges
from contract.runtime.model_conversion import to_model
from contract.runtime.problems import Problem, Violation, invalid, malformed
from contract.runtime.validators import Validators
from contract.runtime.violations import validation_problem

MAX_LENGTH_DIGITS = 18  # of a Content-Length
MANY_VALUES = 2_000  # whose errors are explained one body at a time: an error has a copy of the value that it is about
# Up to the next comma or opening bracket outside a string. It matches up to the end too, and a string may lack its end: the time is linear.
JSON_SEPARATOR = re.compile(rb'(?:[^",{\[]++|"(?:[^"\\]++|\\.?)*+(?:"|\Z))*+([,{\[]|\Z)', re.DOTALL)
SCANNED_BYTES = 65_536  # at once; a body with too many values need not be read to its end
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
EXPLANATION = threading.Lock()
decode_json = msgspec.json.Decoder().decode


class _Content(NamedTuple):
    """A media type whose value is validated: JSON or a form."""

    validator: Draft202012Validator
    fold: aliases.Fold | None
    model: Any


Read = Callable[[bytes, str], tuple[Any, Any]]  # (bytes, Content-Type) -> (value as sent, value as its model)


class BodyLimit:
    """The maximum size in bytes of the bodies of one operation.

    `x-body-limit` of the media type decides, then that of the operation, then `x-body-limits` of the document: `open` for an operation that
    requires no credentials, otherwise `default`. The server's ceiling bounds the last two. `values` is the maximum number of values in
    JSON: `x-body-values` of the operation, or `values` in `x-body-limits`; None without either.
    """

    def __init__(self, bundle: Json, operation: Operation) -> None:
        content = operation.body.node["content"] if operation.body else {}
        self._by_media = {essence(name): media["x-body-limit"] for name, media in content.items() if "x-body-limit" in media}
        is_open = not operation.security or {} in operation.security
        limits = bundle.get("x-body-limits", {})
        general = limits.get("open" if is_open else "default")
        self.values: int | None = operation.extensions.get("x-body-values", limits.get("values"))
        self._general: int | None = operation.extensions.get("x-body-limit", general)

    def of(self, content_type: str, ceiling: int) -> int:
        """The limit for a body of this media type."""
        if self._by_media:
            own = self._by_media.get(essence(content_type))
            if own is not None:
                return int(own)
        return ceiling if self._general is None else min(self._general, ceiling)


class Reader:
    """The compiled body of one operation. Media types other than JSON and forms are passed on as bytes."""

    def __init__(
        self,
        bundle: Json,
        body: Body,
        signature: Signature,
        validators: Validators,
        *,
        max_values: int | None = None,
        conversions: aliases.Conversions | None = None,
    ) -> None:
        self._bundle = bundle
        self._conversions = conversions
        self._max_values = max_values
        self._required = body.required
        self._structured: list[_Content] = []
        self._media = {essence(media_type): self._media_reader(body, media_type, signature, validators) for media_type in body.media}
        self._supported = " or ".join(self._media)
        self._empty = next((content for content in self._structured if content.model is not None and content.validator.is_valid({})), None)

    def read(self, environ: Mapping[str, Any], limit: int) -> tuple[Any, Any]:
        """(the value as sent, with aliases folded; the value as its model). Raises Problem 400, 413 or 415."""
        content_type = environ.get("CONTENT_TYPE", "")
        raw = read_bytes(environ, limit)
        if not raw:
            return self._without_body()
        read = self._media.get(content_type) or self._matching(content_type)
        if "HTTP_CONTENT_ENCODING" in environ and read is not _as_bytes:
            _require_identity(environ["HTTP_CONTENT_ENCODING"])
        return read(raw, content_type)

    def _media_reader(self, body: Body, media_type: str, signature: Signature, validators: Validators) -> Read:
        """The function that reads one media type."""
        name = essence(media_type)
        if not is_structured(media_type):
            return _as_bytes
        model = signature.form if is_form(name) and signature.form is not None else signature.body
        validator = validators.at(f"{body.pointer}/content/{escape(media_type)}/schema")
        fold = aliases.fold_function(self._bundle, body.media[media_type], self._conversions)
        content = _Content(validator, fold, None if model is bytes else model)
        self._structured.append(content)
        if is_form(name):
            return partial(self._read_form, content, Form(validators, self._bundle, body, media_type))
        return partial(self._read_json, content)

    def _matching(self, content_type: str) -> Read:
        """The function for a media type with parameters, or for one covered by a range such as `image/*`. Raises Problem 415."""
        for media_type in ranges(essence(content_type)):
            read = self._media.get(media_type)
            if read is not None and (read is _as_bytes or _is_utf8(content_type)):
                return read
        shown = _printable(content_type)
        reason = f", not {shown}" if shown else "; Content-Type is missing"
        raise Problem(415, "unsupported_media_type", f"The body must be {self._supported}{reason}")

    def _without_body(self) -> tuple[Any, Any]:
        """An absent body: `{}` if the schema allows it, an error if a body is required."""
        if self._required:
            raise malformed("A body is required")
        return ({}, to_model({}, self._empty.model)) if self._empty is not None else (None, None)

    def _read_json(self, content: _Content, raw: bytes, _: str) -> tuple[Any, Any]:
        validator, fold, model = content
        if self._max_values is not None:
            require_few_values(raw, self._max_values)
        try:
            value = decode_json(raw)
            if not validator.is_valid(value):
                with EXPLANATION if _has_more_separators(raw, MANY_VALUES) else nullcontext():
                    raise validation_problem(self._bundle, validator.iter_errors(value))
        except UNREADABLE as error:
            raise _unreadable(error) from error
        if fold is not None:
            _fold(fold, value)
        return value, to_model(value, model) if model is not None else value

    def _read_form(self, content: _Content, form: Form, raw: bytes, content_type: str) -> tuple[Any, Any]:
        value, with_files = form.parse(raw, content_type)
        try:
            if not content.validator.is_valid(value):
                raise validation_problem(self._bundle, content.validator.iter_errors(value))
        except ValueError as error:
            raise _unreadable(error) from error
        if content.fold is not None:
            _fold(content.fold, value)
        complete = with_files(value)
        return complete, to_model(complete, content.model) if content.model is not None else complete


def _fold(fold: aliases.Fold, value: Any) -> None:
    """Raises Problem 400 for a string without a canonical form."""
    try:
        fold(value)
    except aliases.UnconvertibleError as error:
        raise invalid([Violation(error.path, error.sentence)]) from error


def require_few_values(raw: bytes, limit: int) -> None:
    """Raises Problem 413 if JSON has more than `limit` values.

    They are counted before they exist: twenty megabytes of `{},` would become gigabytes of objects.
    """
    if not _has_more_separators(raw, limit):
        return
    match = next(islice(JSON_SEPARATOR.finditer(raw), limit, None), None)
    if match is not None and match[1]:
        raise Problem(413, "body_too_large", f"The body has more than {limit} values")


def _has_more_separators(raw: bytes, limit: int) -> bool:
    """Whether there are more commas and opening brackets, including those in strings: at least the number of values but one."""
    count = 0
    for start in range(0, len(raw), SCANNED_BYTES):
        end = start + SCANNED_BYTES
        count += raw.count(b",", start, end) + raw.count(b"{", start, end) + raw.count(b"[", start, end)
        if count > limit:
            return True
    return False


def _as_bytes(raw: bytes, _: str) -> tuple[Any, Any]:
    return raw, raw


def read_bytes(environ: Mapping[str, Any], limit: int) -> bytes:
    """The whole body. Raises Problem 413 when it is longer than `limit` bytes, without reading on, and 400 for a broken length."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if declared:
        length = _length(declared, limit)
        raw: bytes = environ["wsgi.input"].read(length) if length else b""
        return raw
    if not environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""  # the stream does not end, and reading it would block
    raw = environ["wsgi.input"].read(limit + 1)
    if len(raw) > limit:
        raise _too_large(limit)
    return raw


def _length(declared: str, limit: int) -> int:
    if not (declared.isascii() and declared.isdigit()):
        raise malformed("Content-Length is not a number")
    if len(declared) > MAX_LENGTH_DIGITS or int(declared) > limit:
        raise _too_large(limit)
    return int(declared)


def _unreadable(error: Exception) -> Problem:
    """The reason why bytes are not JSON (RFC 8259) in UTF-8; NaN, lone surrogates and too deep nesting are refused too."""
    match error:
        case UnicodeDecodeError():
            return malformed("The body is not UTF-8")
        case msgspec.MsgspecError():
            return malformed(f"The body is not valid JSON: {error}")
        case _:  # the limit of the decoder or the validator
            return malformed("The body is nested too deeply")


def _is_utf8(content_type: str) -> bool:
    _, _, charset = content_type.lower().partition("charset=")
    return not charset or charset.partition(";")[0].strip().strip('"') in {"utf-8", "utf8", "us-ascii"}


def _require_identity(coding: str) -> None:
    """Refuse a compressed body (RFC 9110, section 15.5.16). Bodies that handlers read as bytes may have any coding."""
    if coding.strip().lower() not in {"", "identity"}:
        detail = f"The body must not be compressed; its Content-Encoding is {_printable(coding)}"
        raise Problem(415, "unsupported_media_type", detail, headers={"Accept-Encoding": "identity"})


def _printable(text: Any) -> str:
    return "".join(character for character in str(text or "")[:100] if character.isprintable())


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {limit} bytes", headers={"Connection": "close"})
