"""Reading a request's body: size, media type, bytes, JSON, schema, model, in this order, each with its own refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from contract import aliases
from contract.operations import Body, Json, escape, resolve
from contract.runtime.problems import Problem, malformed
from contract.runtime.validators import Validators
from contract.runtime.violations import problem

ABSENT = object()
decode_json = msgspec.json.Decoder().decode


class Reader:
    """The compiled body of one operation. `model` is the type that carries it, None for the plain value."""

    def __init__(self, bundle: Json, body: Body, model: Any, validators: Validators) -> None:
        self._bundle = bundle
        self._required = body.required
        self._model = model
        self._media = {name.partition(";")[0].strip().lower(): f"{body.pointer}/content/{escape(name)}/schema" for name in body.media}
        self._validators = {name: validators.at(pointer) for name, pointer in self._media.items() if is_json(name)}
        self._aliases = {name: aliases.of(resolve(bundle, schema, "")[0]) for name, schema in body.media.items()}
        self._offered = " or ".join(self._media)

    def read(self, environ: Mapping[str, Any], limit: int) -> tuple[Any, Any]:
        """(the value as sent, with aliases folded; the value as its model). Raises Problem 400, 413 or 415."""
        raw = read_bytes(environ, limit)
        if not raw:
            return self._nothing()
        media_type = str(environ.get("CONTENT_TYPE", "")).partition(";")
        name = media_type[0].strip().lower()
        if name not in self._media or not _is_utf8(media_type[2]):
            raise Problem(
                415,
                "unsupported_media_type",
                f"The body must be {self._offered}, not {_printable(environ.get('CONTENT_TYPE')) or 'of no media type'}",
            )
        if name not in self._validators:
            return raw, raw
        return self._carry(self._checked(name, raw))

    def _nothing(self) -> tuple[Any, Any]:
        """No body at all: `{}` where that is allowed, a refusal where a body is required."""
        if self._required:
            raise malformed("A body is required")
        return self._carry({}) if self._model is not None else (None, None)

    def _checked(self, name: str, raw: bytes) -> Any:
        value = parse(raw)
        validator = self._validators[name]
        if not validator.is_valid(value):
            raise problem(self._bundle, validator.iter_errors(value))
        names = self._aliases.get(name)
        if names:
            aliases.fold(value, names)
        return value

    def _carry(self, value: Any) -> tuple[Any, Any]:
        if self._model is None:
            return value, value
        try:
            return value, msgspec.convert(value, self._model)
        except msgspec.ValidationError as error:
            # The schema allowed it and Python cannot hold it, such as 23:59:60 or the year 0.
            raise Problem(400, "validation_failed", "Validation failed", extra={"details": _uncarried(str(error))}) from error


def _uncarried(sentence: str) -> dict[str, Any]:
    """A sentence of msgspec ends in "- at `$.field...`"."""
    said, _, place = sentence.rpartition(" - at `$")
    field = place.strip("`").lstrip(".").replace("[", ".").partition(".")[0]
    return {"fieldErrors": {field: [said]}, "formErrors": []} if field else {"fieldErrors": {}, "formErrors": [said or sentence]}


def read_bytes(environ: Mapping[str, Any], limit: int) -> bytes:
    """The whole body. Raises Problem 413 when it is longer than `limit` bytes, without reading on."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced.isdigit():
        if int(announced) > limit:
            raise _too_large(limit)
        return environ["wsgi.input"].read(int(announced)) if int(announced) else b""
    raw: bytes = environ["wsgi.input"].read(limit + 1)
    if len(raw) > limit:
        raise _too_large(limit)
    return raw


def parse(raw: bytes) -> Any:
    """JSON (RFC 8259) in UTF-8. Raises Problem 400 for anything else, NaN, lone surrogates and bottomless nesting included."""
    try:
        return decode_json(raw)
    except UnicodeDecodeError as error:
        raise malformed("The body is not UTF-8") from error
    except RecursionError as error:
        raise malformed("The body is nested too deeply") from error
    except msgspec.MsgspecError as error:
        raise malformed(f"The body is not valid JSON: {error}") from error


def is_json(media_type: str) -> bool:
    """application/json and its +json relatives."""
    return media_type == "application/json" or media_type.endswith("+json")


def _is_utf8(parameters: str) -> bool:
    _, _, charset = parameters.partition("charset=")
    return not charset or charset.partition(";")[0].strip().strip('"').lower() in {"utf-8", "utf8"}


def _printable(text: Any) -> str:
    return "".join(character for character in str(text or "")[:100] if character.isprintable())


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {limit} bytes", headers={"Connection": "close"})
