"""Responses as the document describes them: the result of a success, or an error with the raw response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .decoding import decode
from .encoding import is_json
from .operation import Items, Operation, Text
from .problems import RawResponse, UnexpectedResponseError

WITHOUT_BODY = (204, 205, 304)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # ignored, as RFC 8259, section 8.1 allows


def is_result(operation: Operation[Any], status: int) -> bool:
    """Whether a status is a success of the operation; a redirection is one if the document describes it and no other success."""
    if status < 300:  # noqa: PLR2004 - HTTP
        return True
    has_success = any(name.startswith("2") for name in operation.responses)
    return status < 400 and not has_success and str(status) in operation.responses  # noqa: PLR2004 - HTTP


def items_of(operation: Operation[Any], status: int, headers: Mapping[str, str]) -> Items | None:
    """How a streamed response is cut into items; None if the response is not one."""
    content = operation.response(status)
    described = _described(content, _essence(headers)) if content else None
    return described if isinstance(described, Items) else None


def result(operation: Operation[Any], raw: RawResponse) -> Any:
    """The typed content of a success; None without content, bytes if the document does not describe it. Raises UnexpectedResponseError."""
    content = operation.response(raw.status)
    if content is None:
        raise UnexpectedResponseError(operation.name, "status", raw)
    if operation.method == "HEAD" or raw.status in WITHOUT_BODY:
        return None
    if not content:  # none is described, and some may come all the same
        return (raw.content or None) if raw.status < 300 else None  # noqa: PLR2004 - HTTP
    media_type = _essence(raw.headers)
    if raw.content and "content-type" not in raw.headers:  # then the first one is assumed (RFC 9110, section 8.3)
        media_type = next(iter(content)).partition(";")[0].strip().lower()
    type_ = _described(content, media_type)
    if type_ in {bytes, Text}:
        return raw.content if type_ is bytes else _text(operation, raw)
    if type_ is None or not is_json(media_type):
        raise UnexpectedResponseError(operation.name, "media type" if raw.content else "empty", raw)
    try:
        return decode(raw.content.removeprefix(BYTE_ORDER_MARK), type_)
    except (ValueError, RecursionError) as error:
        raise (
            _undecoded(operation, raw, error) if raw.content.strip() else UnexpectedResponseError(operation.name, "empty", raw)
        ) from error


def _text(operation: Operation[Any], raw: RawResponse) -> str:
    content_type = raw.headers.get("content-type", "")
    charset = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'") or "utf-8"
    try:
        return raw.content.decode(charset)
    except (LookupError, UnicodeDecodeError) as error:
        raise _undecoded(operation, raw, error) from error


def _undecoded(operation: Operation[Any], raw: RawResponse, error: Exception) -> UnexpectedResponseError:
    return UnexpectedResponseError(operation.name, "body", raw, error)


def _essence(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _described(content: Mapping[str, Any], media_type: str) -> Any:
    """The type of a media type: by its name, by a range, or as the only JSON if it is JSON as well."""
    by_essence = {name.partition(";")[0].strip().lower(): type_ for name, type_ in content.items()}
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in by_essence:
            return by_essence[name]
    json_types = [type_ for name, type_ in by_essence.items() if is_json(name)]
    return json_types[0] if is_json(media_type) and len(json_types) == 1 else None
